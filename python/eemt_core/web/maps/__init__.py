"""Finished maps as pictures and numbers for a page.

`shelf.MapShelf` is what others use: it keeps maps open, and lets go of them when a job is removed.
rio-tiler is known here alone.
"""
