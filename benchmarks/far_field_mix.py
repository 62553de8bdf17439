"""How blocks of the far field should stand for their cells: tiles against the whole DEM.

    python benchmarks/far_field_mix.py [CELLS]

For each mix of a block's mean (0) and maximum (1), two tiles of 256 x 256 cells with a halo of
256 are computed with their far field and compared with the same cells of a run that sees the
whole DEM of CELLS x CELLS cells (default 1536): error of the daily sum on the shortest and on the
longest day at 47 degrees north. Expectation: half and half has the smallest mean error, the worst
cell hardly depends on it; 0.01 % and 0.5 % are the bounds to keep.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from eemt_core.grids import pyramid, tiling
from eemt_core.solar import Sun
from eemt_core.solar._landscape import DemWindow, survey
from eemt_core.terrain import FarLevel, slope_aspect

CELL_M, TILE, HALO, DAYS = 20.0, 256, 256, (1, 172)


def mountains(n, roughness, relief_m=2500.0, seed=1):
    """Relief with a power-law spectrum, like that of mountains for roughness 3.5."""
    rng = np.random.default_rng(seed)
    k = np.hypot(np.fft.fftfreq(n)[:, None], np.fft.rfftfreq(n)[None])
    k[0, 0] = 1.0
    amplitude = k ** (-roughness / 2)
    amplitude[0, 0] = 0.0
    z = np.fft.irfft2(amplitude * np.exp(2j * np.pi * rng.random(k.shape)), s=(n, n))
    return ((z - z.min()) / np.ptp(z) * relief_m).astype(np.float32)


def sums(z, window, **terrain):
    """Daily sums of the cells of a window of z [Wh m-2]."""
    dem = DemWindow(z, CELL_M, np.radians(47.0), window=window.numbers, **terrain)
    return survey(dem).irradiation(Sun(DAYS, year=2001), albedo=0.2).total_wh_m2


def tile_sums(z, plan, tile, coarse):
    """The same from a tile's halo and far field."""
    levels = []
    reach_m = tiling.far_reach_m(coarse.highest_m - coarse.lowest_m)
    for far in tiling.far_windows(plan, tile, reach_m=reach_m, cell_size_m=(CELL_M, CELL_M)):
        east_m = (far.window.col0 * far.block - tile.halo.col0) * CELL_M
        south_m = (far.window.row0 * far.block - tile.halo.row0) * CELL_M
        levels.append(FarLevel(coarse.cut(far), far.block * CELL_M, east_m, south_m))
    return sums(
        np.ascontiguousarray(z[tile.halo.slices]),
        tile.core.relative_to(tile.halo),
        anchor=(tile.halo.row0, tile.halo.col0),
        far_field=levels,
    )


def study(roughness, n):
    z = mountains(n, roughness)
    steep = slope_aspect(z, cell_size_m=CELL_M)[0]
    print(
        f"roughness {roughness}: slopes {steep.mean():.0f} degrees in the mean, 1 % over ", end=""
    )
    print(f"{np.quantile(steep, 0.99):.0f}")
    plan = tiling.Tiling(n, n, TILE, HALO)
    tiles = [plan.tile(0), plan.tile(len(plan) // 2 + plan.tiles_across // 2)]
    whole = [sums(z, tile.core) for tile in tiles]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        pyramid.MAX_SHARE = share
        with tempfile.TemporaryDirectory() as folder:
            coarse = pyramid.build(
                lambda window: z[window.slices],
                n,
                n,
                cell_size_m=(CELL_M, CELL_M),
                levels=pyramid.levels_needed(n, n, HALO),
                folder=Path(folder),
            )
            found = [tile_sums(z, plan, tile, coarse) for tile in tiles]
        error = np.stack([100 * (f - w) / w for f, w in zip(found, whole, strict=True)])
        cells = "   ".join(
            f"day {day}: mean {error[:, i].mean():+.5f} %, worst {np.abs(error[:, i]).max():.3f} %"
            for i, day in enumerate(DAYS)
        )
        print(f"  share of the maximum {share:4.2f}   {cells}", flush=True)


if __name__ == "__main__":
    cells = int(sys.argv[1]) if len(sys.argv) > 1 else 1536
    for roughness in (3.5, 4.0):
        study(roughness, cells)
