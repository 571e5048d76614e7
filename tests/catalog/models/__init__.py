"""Tests of catalog.models."""
