"""Pages of the life cycle."""
