"""Who decides about a draft, where the text goes, how it does."""
