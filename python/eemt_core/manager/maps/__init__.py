"""Writing maps from the results of tiles."""
