"""The numbers that follow from duties and who answers for them."""
