"""Energy: meters and what they mean (GB 17167): what stands above what, what they serve, use by hour, day and month.

Readings stay in the lake; what is stored here is who a reading belongs to, and use that follows from readings. Derived
rows can be thrown away at any time: `services.recompute_use` makes the same ones again.
"""
