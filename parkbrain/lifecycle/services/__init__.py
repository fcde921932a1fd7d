"""What may change in the life cycle."""
