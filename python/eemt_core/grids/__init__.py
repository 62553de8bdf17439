"""Where cells are: grids, and how they are cut into tiles."""
