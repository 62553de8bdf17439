"""Maps as blocks: cells rounded to a stated precision, with overviews, encoded as GeoTIFF has them.

`pyramid` says which blocks a map has, `cells` what becomes of numbers, `codec` what of bytes, and
`layers` puts these together for the part of a map that one tile holds. No files, no rasters.
"""
