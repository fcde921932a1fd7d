"""Ways in which readings come from sources."""
