"""Readers of climate files, one for each source."""
