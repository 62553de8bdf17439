from ._horizon import HORIZON_NODATA as HORIZON_NODATA
from ._horizon import HORIZON_NOTHING as HORIZON_NOTHING
from ._horizon import FarLevel as FarLevel
from ._horizon import horizon_angle_rad as horizon_angle_rad
from ._horizon import horizon_map as horizon_map
from ._horizon import sky_view_factor as sky_view_factor
from ._slope import slope_aspect as slope_aspect
