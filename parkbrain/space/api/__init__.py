"""Branches, parks, buildings, storeys and spaces as JSON."""
