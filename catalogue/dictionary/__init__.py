"""Data dictionaries: read from tables, suggestions made of them, taken into a working copy."""
