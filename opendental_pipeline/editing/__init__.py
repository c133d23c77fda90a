"""Changing tables.yml: one value at a time in its text, with the texts before kept."""
