"""Lists of the life cycle."""
