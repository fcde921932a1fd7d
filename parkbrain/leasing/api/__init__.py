"""The API of leasing."""
