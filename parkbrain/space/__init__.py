"""Space: site → building → storey → space, and premises as lettable sets of spaces (terms of ISO 16739-1, IFC)."""
