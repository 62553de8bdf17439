"""Runs on many workers beside runs on one machine."""
