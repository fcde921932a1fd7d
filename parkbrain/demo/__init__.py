"""Demo: the fictional park and city, and the public facts of real parks, made only through the modules' services."""
