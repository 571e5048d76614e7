"""An editor's day in a real browser."""
