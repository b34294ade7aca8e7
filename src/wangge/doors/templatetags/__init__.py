"""What the templates of every door may ask for."""
