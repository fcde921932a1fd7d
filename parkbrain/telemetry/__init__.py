"""Telemetry: where readings come from and what they are of. Owns sources, points, device tokens and what was set aside.

A point carries a Brick class and a QUDT unit; its number is its number in the lake, where the readings themselves are.
"""
