"""Forms of the life cycle."""
