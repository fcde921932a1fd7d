"""Facts, ratings, schemes and evidence as JSON."""
