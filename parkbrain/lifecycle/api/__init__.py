"""The API of the life cycle."""
