"""Language models in the compact generator's place."""
