from . import climate as climate
from . import energy as energy
from . import solar as solar
from . import terrain as terrain
from . import water as water

__version__: str
