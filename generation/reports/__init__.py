"""What evaluations found, in words and tables: plain data in, plain data out.

Every figure is defined in `docs/metrics.md`.
"""
