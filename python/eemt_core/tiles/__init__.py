"""One tile's work, from its task's folder to its results."""
