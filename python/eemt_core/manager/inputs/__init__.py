"""What tiles are cut from, and the folder of input files that each gets."""
