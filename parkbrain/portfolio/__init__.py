"""Portfolio: the city and every branch below it, parks compared with parks of like kind."""
