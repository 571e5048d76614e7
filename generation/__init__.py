"""Texts that the writer offers, and what is learnt from them."""
