from . import climate as climate
from . import energy as energy
from . import solar as solar
from . import terrain as terrain
from . import water as water
from .manager.api import collect_tiles as collect_tiles
from .manager.api import estimate as estimate
from .manager.api import export_tiles as export_tiles
from .manager.api import run as run
from .manager.request import ClusterRequest as ClusterRequest
from .manager.request import EnergyRequest as EnergyRequest
from .manager.request import RunRequest as RunRequest
from .solar import SolarParameters as SolarParameters

__version__: str
