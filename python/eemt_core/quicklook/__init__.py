"""Pictures of maps: colours over a hillshade, as one would put them on a slide.

The only part of the package that draws, with matplotlib (extra ``plot``). It reads maps
made smaller, so its memory is bounded by the size of the picture.
"""

from .gallery import draw_run
from .pictures import Panel, draw_map, draw_months, draw_overview

__all__ = ["Panel", "draw_map", "draw_months", "draw_overview", "draw_run"]
