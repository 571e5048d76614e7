"""A conditional text GAN in plain PyTorch: it can be trained and sampled with no database.

The letters used for shapes, everywhere in this package:

    B texts in a batch, S source tokens (the brief), T target tokens (the copy),
    V vocabulary, E embedding width, Z noise width.

Masks are True where a token is real. Start at `training.py` to see how the parts meet, or run
`python -m generation.gan --help`.
"""
