"""What can be taken in of the life cycle."""
