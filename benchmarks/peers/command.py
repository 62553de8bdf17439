"""The whole command, DEM file to maps on disk, beside a script of GRASS commands.

Ours: `eemt-run --workflow sol`, 365 days, steps of 30 minutes as is r.sun's default, no pictures.
GRASS: import, slope and aspect, each day a run of r.sun with shadows and one on flat ground (`-p`)
as the first EEMT workflow ran it, the months' sums and means by r.series, export of the same maps
of light and hours, compressed. A sample of days is run and multiplied: a day takes r.sun as long
as it is light. Everything else of the script is run in full. Time is that on the wall on one
processor, with one thread; the spread is ours.
"""

import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import rasterio
from rasterio.transform import from_origin

from eemt_core.calendar365 import MONTHS, days_of_month
from grass_harness import GrassProject
from stages import maps_share
from watch import PROGRAM

from .clock import Line, Seconds
from .processors import held_to
from .terrain import CELL_M, CRS, PROJ, Terrain

OPTIONS = ("--workflow", "sol", "--no-pictures", "--quiet")
SAMPLE = (15, 105, 196, 288)  # days that stand for the year
PRODUCTS = ("global", "flat", "hours")
AIM = 800


def write_dem(place: Terrain, path: Path) -> Path:
    """Write the terrain as a GeoTIFF."""
    rows, cols = place.elevation_m.shape
    corner = from_origin(place.origin[0], place.origin[1] + rows * CELL_M, CELL_M, CELL_M)
    profile = {"driver": "GTiff", "height": rows, "width": cols, "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", **profile, crs=CRS, transform=corner) as target:
        target.write(place.elevation_m, 1)
    return path


def run_ours(dem: Path, out: Path, *options: str) -> float:
    """Run the command; the time on the wall [s]."""
    start = time.perf_counter()
    subprocess.run([*PROGRAM, dem, "-o", out, *OPTIONS, *options], check=True)
    return time.perf_counter() - start


def grass_year(place: Terrain, dem: Path, folder: Path) -> float:
    """Run the script of GRASS commands; the time on the wall of a whole year [s]."""
    with GrassProject(place.elevation_m.shape, CELL_M, crs=PROJ, origin=place.origin) as project:
        start = time.perf_counter()
        project.run("r.in.gdal", "-o", input=dem, output="dem")
        project.run("r.slope.aspect", "-e", elevation="dem", slope="slope", aspect="aspect")
        once = time.perf_counter() - start
        start = time.perf_counter()
        for day in SAMPLE:
            _day(project, day)
        days = (time.perf_counter() - start) / len(SAMPLE) * 365
        start = time.perf_counter()
        for number, month in enumerate(MONTHS):
            for product in PRODUCTS:
                _month(project, product, number, folder / f"{product}_{month}")
        return once + days + time.perf_counter() - start


def _day(project: GrassProject, day: int) -> None:
    project.run(
        "r.sun",
        elevation="dem",
        slope="slope",
        aspect="aspect",
        day=day,
        step=0.5,
        glob_rad=f"global_{day}",
        insol_time=f"hours_{day}",
    )
    project.run("r.sun", "-p", elevation="dem", day=day, step=0.5, glob_rad=f"flat_{day}")


def _month(project: GrassProject, product: str, number: int, path: Path) -> None:
    """Sum and mean of a month's days and their export; days of the sample stand for the others."""
    count = len(days_of_month(number))
    maps = ",".join(f"{product}_{SAMPLE[i % len(SAMPLE)]}" for i in range(count))
    for method in ("sum", "average"):
        name = f"{product}_{method}"
        project.run("r.series", "--o", input=maps, output=name, method=method)
        project.run(
            *("r.out.gdal", "-c", "--o"),
            input=name,
            output=f"{path}_{method}.tif",
            createopt="COMPRESS=DEFLATE,ZLEVEL=1,PREDICTOR=3,TILED=YES",
        )


def measure(place: Terrain, rounds: int) -> list[Line]:
    """Figure 3."""
    with TemporaryDirectory(prefix="eemt-command-") as name, held_to(1):
        folder = Path(name)
        dem = write_dem(place, folder / "dem.tif")
        options = ("--step", "30", "--threads", "1")
        taken = Seconds(
            tuple(run_ours(dem, folder / "out", *options, "--overwrite") for _ in range(rounds))
        )
        maps = maps_share(folder / "out")
        peer = grass_year(place, dem, folder)
    rate = place.elevation_m.size * 365 / taken.best / 1e6
    return [
        Line(
            "3",
            f"`eemt-run --workflow sol`, 365 days, steps of 30 min, one thread: {taken.best:.1f} s,"
            f" of which maps {100 * maps:.0f} %",
            "M cell-days/s",
            rate,
            0,
            f"r.in.gdal, r.slope.aspect, 730 r.sun, 72 r.series, r.out.gdal: {peer:,.0f} s"
            f" ({len(SAMPLE)} days multiplied)",
            peer / taken.best,
            AIM,
            taken.spread,
        )
    ]
