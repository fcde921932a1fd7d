"""Cockpit: the home pages that gather what needs a person today."""
