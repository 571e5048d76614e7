"""One module per place Galley runs: dev (a laptop, the default), test, production."""
