"""What is so about stages, duties and who answers for them."""
