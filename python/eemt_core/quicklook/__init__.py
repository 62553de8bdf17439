"""Pictures of maps: coloured values over a hillshade, for slides and reports.

This is the only part of the package that draws; it uses matplotlib (extra ``plot``). Maps are read
at reduced size, so memory depends on the size of the picture and not on that of the map.
"""

from .gallery import draw_run
from .overlay import write_hillshade
from .pictures import Panel, draw_map, draw_months, draw_overview

__all__ = ["Panel", "draw_map", "draw_months", "draw_overview", "draw_run", "write_hillshade"]
