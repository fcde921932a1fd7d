"""The JSON face of carbon."""
