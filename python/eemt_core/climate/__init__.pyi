from ._downscale import Downscaler as Downscaler
from ._downscale import downscale as downscale
from ._model import ClimateCut as ClimateCut
from ._model import LapseRates as LapseRates
from .readers.recognise import open_climate as open_climate
from .readers.source import ClimatePlan as ClimatePlan
from .readers.source import ClimateSource as ClimateSource
