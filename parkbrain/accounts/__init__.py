"""Accounts: signing in and out, people, their roles and branches."""
