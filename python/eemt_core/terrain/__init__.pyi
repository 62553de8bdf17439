from ._far_level import FarLevel as FarLevel
from ._horizon import horizon_map as horizon_map
from ._horizon import sky_view_factor as sky_view_factor
from ._slope import slope_aspect as slope_aspect
from ._terrain import Surface as Surface
from ._terrain import Terrain as Terrain
