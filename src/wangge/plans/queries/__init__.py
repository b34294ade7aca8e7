"""Reading plans: lists, one with its figures, what it divides, what was said of it."""
