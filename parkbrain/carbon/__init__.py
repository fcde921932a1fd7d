"""Carbon: activity data, dated factors, green power, refrigerants; statements by the GHG Protocol; exchange between firms."""
