"""The city as JSON."""
