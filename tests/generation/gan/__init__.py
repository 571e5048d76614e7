"""Tests of the GAN library: arithmetic by hand, and promises that each module makes."""
