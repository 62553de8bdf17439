"""Finished maps as pictures and numbers for a page."""
