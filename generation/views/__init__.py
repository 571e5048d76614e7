"""Campaigns, trainings, checkpoints and what was measured of them, as pages."""
