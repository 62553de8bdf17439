"""A month of the energy balance, float32, beside memory, NumPy and r.mapcalc.

Every quantity is a raster of its own, drawn cell by cell; only the elevation is the terrain's.
Ours and NumPy's are four times as large as the terrain, since one would stay in the caches.
Bytes are those of all rasters, read once or written once.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from grass_harness import GrassProject
from suite.energy import RANGES, VARIANTS, month

from . import mapcalc_energy, numpy_energy
from .clock import Line, Seconds, ours, theirs
from .memory import beyond_caches, copy_gb_s
from .terrain import CELL_M, PROJ, Terrain

DAYS = 31
FIGURES = {"trad": "5a", "topo": "5b", "topo_veg": "5c"}
NUMPY: dict[str, Callable[..., tuple[NDArray, NDArray]]] = {
    "trad": numpy_energy.trad,
    "topo": numpy_energy.topo,
    "topo_veg": numpy_energy.topo_veg,
}


def same(here: NDArray, there: NDArray) -> bool:
    """Whether two results agree, but for a cell or two on the edge between wet and dry."""
    # printed as it is, Fu's curve loses digits of 600 mm in float32
    return bool(np.isclose(here, there, rtol=1e-4, atol=2e-3).mean() > 0.9999)


def in_numpy(variant: str, cells: dict[str, NDArray], rounds: int) -> Seconds:
    """The same in NumPy, after it has given the same."""
    function = NUMPY[variant]
    here = VARIANTS[variant](cells, days=DAYS, threads=1)
    bio, ppt = function(**cells, days=DAYS)
    assert bio.dtype == ppt.dtype == np.float32
    assert same(here.e_bio_mj_m2, bio), variant
    assert same(here.e_ppt_mj_m2, ppt), variant
    return ours(lambda: function(**cells, days=DAYS), rounds)


def in_mapcalc(variant: str, cells: dict[str, NDArray], place: Terrain, rounds: int) -> Seconds:
    """The sum of both terms in r.mapcalc, reading and writing included."""
    with GrassProject(place.elevation_m.shape, CELL_M, crs=PROJ, origin=place.origin) as project:
        for name, values in cells.items():
            project.run("g.rename", raster=f"{project.put(values)},{name}")
        expression = mapcalc_energy.expression(variant, DAYS)

        def run() -> None:
            project.run("r.mapcalc", "--o", expression=expression)

        run()
        here = VARIANTS[variant](cells, days=DAYS, threads=1)
        assert same(here.eemt_mj_m2, project.get("eemt")), f"r.mapcalc {variant}"
        return theirs(run, rounds)


def measure(place: Terrain, rounds: int) -> list[Line]:
    """Figures 5a to 5c, a variant each."""
    lines, count, memory = [], place.elevation_m.size, copy_gb_s()
    for variant, figure in FIGURES.items():
        function = VARIANTS[variant]
        cells = month(variant, place.elevation_m.shape, np.float32)
        if "elevation_m" in cells:
            cells["elevation_m"] = place.elevation_m
        mapcalc = in_mapcalc(variant, cells, place, rounds).best / count
        large = {name: beyond_caches(values) for name, values in cells.items()}
        numpy = in_numpy(variant, large, rounds).best / (4 * count)
        taken = ours(lambda f=function, c=large: f(c, days=DAYS, threads=1), 5 * rounds)
        here = taken.best / (4 * count)
        size = 4 * (len(RANGES[variant]) + 2)
        name = f"EEMT_{variant.upper().replace('_', '-')}"
        text = f"a month of {name}, {size} bytes a cell; the aim is a copy's bandwidth"
        peers = (
            f"NumPy: {1e-6 / numpy:.0f} M cells/s ({numpy / here:.1f} x);"
            f" r.mapcalc: {1e-6 / mapcalc:.1f} M cells/s"
        )
        rate, ratio = size / here / 1e9, mapcalc / here
        lines.append(Line(figure, text, "GB/s", rate, memory, peers, ratio, 50, taken.spread))
    return lines
