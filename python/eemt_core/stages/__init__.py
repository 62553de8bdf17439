"""What the kinds of task compute, from the files of their folder to result arrays.

Everything here runs on any machine: arrays and plain files, no raster library, no network.
"""
