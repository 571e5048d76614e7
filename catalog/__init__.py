"""What to sell, to whom, and where."""
