"""The tests mirror the tree; architecture, browser and benchmark stand beside it."""
