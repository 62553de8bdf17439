"""The files of climate, one reader for each source."""
