"""Scheduling of a run's tiles on an engine, and the handling of failures."""
