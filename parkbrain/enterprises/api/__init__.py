"""Premises with who is in them, enterprises with all that is known of them, and occupancies, as JSON."""
