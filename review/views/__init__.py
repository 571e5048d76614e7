"""The editors' pages and the built-in shop."""
