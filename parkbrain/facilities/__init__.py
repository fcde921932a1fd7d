"""Facilities: the register of heavy and special equipment, its efficiency grade, what is obsolete, what is due for inspection."""
