"""Between which values each quantity of an input lies: the one place where this is said.

A value beyond is no measurement but a fill that the file does not declare, a flag, or a number in
another unit or scale. Wider than any record, so that nothing real is refused.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """What values a quantity can have.

    Attributes
    ----------
    name
        For a sentence.
    unit
        Its unit; empty for a bare number.
    lowest, highest
        The range, both ends within.
    flags
        Values within the range that files use for something else.
    divisors
        By what files often store it multiplied.
    flags_are_multiplied
        Whether files that store it multiplied have the flags multiplied too.
    """

    name: str
    unit: str
    lowest: float
    highest: float
    flags: tuple[float, ...] = ()
    divisors: tuple[int, ...] = ()
    flags_are_multiplied: bool = False

    @property
    def text(self) -> str:
        """The quantity with its range.

        Examples
        --------
        >>> NDVI.text
        'NDVI (-1 to 1)'
        """
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.name} ({self.lowest:g} to {self.highest:g}{unit})"


# The deepest sea floor is 10,920 m below the sea, the highest ground 8,849 m above it.
ELEVATION = Quantity("elevation", "m", -11_500.0, 9_000.0)
# ln(area per contour length / tan slope): a cell of 1 cm on a wall has -9, a continent's drain 25;
# products that scale the index by a constant stay within.
WETNESS = Quantity("wetness index", "ln(m)", -30.0, 60.0, divisors=(10, 100, 1000))
# MODIS stores ten times the index, with flags from 249 to 255.
LEAF_AREA = Quantity("leaf area index", "m2/m2", 0.0, 12.0, divisors=(10, 100, 1000))
# MODIS stores 10,000 times the index from -2000 on, and -3000 for no data.
NDVI = Quantity(
    "NDVI",
    "",
    -1.0,
    1.0,
    flags=(-0.3,),
    divisors=(100, 200, 250, 1000, 10_000),
    flags_are_multiplied=True,
)
# The tallest tree is 116 m; worldwide maps of canopy height flag water, snow and no data as 101
# to 103.
CANOPY_HEIGHT = Quantity(
    "canopy height", "m", 0.0, 120.0, flags=(101.0, 102.0, 103.0), divisors=(10, 100)
)
# Up to 14 in dust and smoke; the SoDa grid stores twenty times it. From 18 on the model's diffuse
# function turns negative for a low sun. Below 1 the air would be clearer than clean dry air: what
# maps have there is taken as 1.
LINKE = Quantity("Linke turbidity", "", 1.0, 16.0, divisors=(20, 100))
LINKE_CUT_FROM = 0.1
"""Turbidities of maps from here to 1 are taken as 1; what lies lower is no turbidity."""

# Colder than any month on Earth, hotter than any; kelvins lie far above.
TEMPERATURE = Quantity("temperature", "degC", -90.0, 60.0)
# The wettest month had 9.3 m (Cherrapunji).
PRECIPITATION = Quantity("precipitation of a month", "mm", 0.0, 10_000.0)
# Of North America, where the climate rasters are from: 3.8 m (Hawaii); hundredths of millimetres
# lie above. Interpolation undershoots by some tenths beside dry cells.
RASTER_PRECIPITATION = Quantity("precipitation of a month", "mm", -1.0, 6_000.0)
# Saturation at 36 degC. A station's table with less than 10 Pa is in kilopascals; single cells of a
# raster may lie on polar plateaus.
VAPOUR_PRESSURE = Quantity("vapour pressure", "Pa", 10.0, 6_000.0)
RASTER_VAPOUR_PRESSURE = Quantity("vapour pressure", "Pa", 0.0, 6_000.0)
VAPOUR_DEFICIT = Quantity("vapour-pressure deficit", "hPa", -1.0, 150.0)
# From cracks in a plot of soil to grids of the whole Earth. Beyond, distances over a raster's cells
# leave what the horizon's sweep counts in 32 bits.
CELL_SIZE = Quantity("edge of a cell", "m", 1e-4, 1e7)
# Of cells at the end of any lapse rate: kelvins lie above, fills beyond either end. Interpolation
# undershoots, and air saturated at the highest temperature of a station has 20 kPa.
CELL_TEMPERATURE = Quantity("temperature", "degC", -273.15, 150.0)
CELL_PRECIPITATION = Quantity("precipitation of a month", "mm", -1.0, 10_000.0)
CELL_VAPOUR_PRESSURE = Quantity("vapour pressure", "Pa", 0.0, 20_000.0)
WIND = Quantity("wind speed", "m/s", 0.0, 50.0)
LAPSE_RATE = Quantity("lapse rate", "degC/km", -20.0, 20.0)
ALBEDO = Quantity("albedo", "", 0.0, 1.0)
# Fewer miss whole mountains, more cost memory and show nothing new.
DIRECTIONS = Quantity("number of directions of the horizon", "", 8, 720)

DEFAULT_LINKE = 3.0
"""Linke turbidity where nobody gives one: rural air of the middle latitudes."""
DEFAULT_ALBEDO = 0.2
"""Share of the sun that the ground reflects where nobody gives one: soil and most plants."""
DEFAULT_WIND_M_S = 2.0
"""Wind 2 m above short grass where the climate has none, as FAO-56 recommends (chapter 3)."""
DEFAULT_DIRECTIONS = 72
"""Directions in which the horizon is looked for: every 5 degrees."""
