"""GRASS GIS as a reference: r.slope.aspect and r.sun run on arrays.

A `GrassProject` is a throw-away GRASS database for one grid, made in a temporary folder;
the user's own GRASS settings and maps are neither read nor touched. Arrays cross as raw
binary files, so every float32 arrives as it is; NaN is GRASS's NULL.

Conventions are those of eemt_core (row 0 north, radians, aspect clockwise from north);
GRASS's own (degrees, aspect counter-clockwise from east, 0 for flat, 360 for east) live in
`aspect_to_grass` and `aspect_from_grass` alone.
"""

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest

R_SUN_OUTPUTS = {
    "beam": "beam_rad",
    "diff": "diff_rad",
    "refl": "refl_rad",
    "glob": "glob_rad",
    "insol_time": "insol_time",
}


def transverse_mercator(latitude_deg, longitude_deg=0.0):
    """A projected CRS in metres whose origin lies at that place: no convergence there."""
    return (
        f"+proj=tmerc +lat_0={latitude_deg} +lon_0={longitude_deg} +k=1 +x_0=0 +y_0=0 "
        "+ellps=WGS84 +units=m +no_defs"
    )


def aspect_to_grass(aspect_rad, slope_rad):
    """Degrees counter-clockwise from east in (0, 360], 0 where the slope is flat; float32."""
    degrees = (90.0 - np.degrees(np.asarray(aspect_rad, float))) % 360.0
    degrees = np.where(degrees == 0.0, 360.0, degrees)
    return np.where(np.asarray(slope_rad) == 0.0, 0.0, degrees).astype(np.float32)


def aspect_from_grass(aspect_deg):
    """Radians clockwise from north in [0, 2 pi); 0 where GRASS says flat."""
    aspect_deg = np.asarray(aspect_deg, float)
    return np.where(aspect_deg == 0.0, 0.0, np.radians((450.0 - aspect_deg) % 360.0))


@cache
def grass_base():
    """GRASS's folder of modules, or a failed test that says what to install."""
    if shutil.which("grass") is None:
        pytest.fail("GRASS GIS is missing: install Debian's package grass-core (make test does)")
    with tempfile.TemporaryDirectory() as home:  # `grass --config` makes a settings folder
        answer = subprocess.run(
            ["grass", "--config", "path"],
            env={**os.environ, "HOME": home},
            capture_output=True,
            text=True,
            check=True,
        )
    return answer.stdout.strip()


class GrassProject:
    """A temporary GRASS database for grids of one shape; use it in a `with` statement.

    The grid's lower-left corner lies at `origin` (x, y) of the CRS, given as a PROJ string;
    by default the grid is centred on the origin of a transverse Mercator at 45 N.
    """

    def __init__(self, shape, cell_size_m, *, crs=None, origin=None):
        self.shape = rows, cols = shape
        dx, dy = cell_size_m if isinstance(cell_size_m, tuple) else (cell_size_m, cell_size_m)
        west, south = (-cols * dx / 2, -rows * dy / 2) if origin is None else origin
        self.crs = transverse_mercator(45.0) if crs is None else crs
        self.bounds = {"n": south + rows * dy, "s": south, "e": west + cols * dx, "w": west}
        self._folder = tempfile.TemporaryDirectory(prefix="eemt-grass-")
        self._path = Path(self._folder.name)
        self._maps = 0
        self._stored = {}
        base = grass_base()
        self._env = {
            **os.environ,
            "GISBASE": base,
            "GISRC": str(self._path / "gisrc"),
            "HOME": str(self._path),
            "PATH": f"{base}/bin:{base}/scripts:{os.environ['PATH']}",
            "LD_LIBRARY_PATH": f"{base}/lib",
            "GRASS_VERBOSE": "0",
        }
        self._select("nowhere")
        self.run("g.proj", "-c", proj4=self.crs, location="project")
        self._select("project")
        edges = {name: f"{value:.10f}" for name, value in self.bounds.items()}
        self.run("g.region", **edges, rows=rows, cols=cols)

    def _select(self, location):
        (self._path / "gisrc").write_text(
            f"GISDBASE: {self._path}\nLOCATION_NAME: {location}\nMAPSET: PERMANENT\n"
        )

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._folder.cleanup()

    def run(self, module, *flags, **options):
        """Run a module; its standard output. A module that fails raises with its message."""
        words = [module, *flags, *(f"{key}={value}" for key, value in options.items())]
        done = subprocess.run(words, env=self._env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def new_name(self):
        self._maps += 1
        return f"map{self._maps}"

    def put(self, array):
        """Store a (rows, cols) array as a float32 map, once; its name."""
        array = np.ascontiguousarray(array, dtype=np.float32)
        assert array.shape == self.shape
        if array.tobytes() in self._stored:
            return self._stored[array.tobytes()]
        name, file = self.new_name(), self._path / "in.bin"
        self._stored[array.tobytes()] = name
        array.tofile(file)
        edges = {"north": "n", "south": "s", "east": "e", "west": "w"}
        self.run(
            "r.in.bin",
            "-f",
            input=file,
            output=name,
            bytes=4,
            rows=self.shape[0],
            cols=self.shape[1],
            **{key: f"{self.bounds[short]:.10f}" for key, short in edges.items()},
        )
        return name

    def get(self, name):
        """Fetch a map as a (rows, cols) float32 array, NaN for NULL."""
        file = self._path / "out.bin"
        self.run("r.out.bin", "-f", input=name, output=file, bytes=4, null="nan")
        return np.fromfile(file, dtype=np.float32).reshape(self.shape)

    def slope_aspect(self, elevation_m, *, edges=True):
        """slope_rad, aspect_rad by r.slope.aspect; with `edges` (-e) no ring of NULL."""
        elevation, slope, aspect = self.put(elevation_m), self.new_name(), self.new_name()
        flags = ["-e"] if edges else []
        self.run("r.slope.aspect", *flags, elevation=elevation, slope=slope, aspect=aspect)
        slope_rad = np.radians(self.get(slope).astype(float))
        return slope_rad, np.where(np.isnan(slope_rad), np.nan, aspect_from_grass(self.get(aspect)))

    def sun(
        self,
        elevation_m,
        slope_rad,
        aspect_rad,
        *,
        day,
        step_hours=0.5,
        linke=3.0,
        albedo=0.2,
        shadows=True,
    ):
        """A day's sums by r.sun: float32 arrays beam, diff, refl, glob [Wh m-2], insol_time [h].

        `linke` and `albedo` are numbers or arrays.
        """
        names = {key: self.new_name() for key in R_SUN_OUTPUTS}
        options = {R_SUN_OUTPUTS[key]: name for key, name in names.items()}
        for key, value in {"linke": linke, "albedo": albedo}.items():
            if isinstance(value, np.ndarray):
                options[key] = self.put(value)
            else:
                options[f"{key}_value"] = value
        self.run(
            "r.sun",
            *([] if shadows else ["-p"]),
            elevation=self.put(elevation_m),
            slope=self.put(np.degrees(slope_rad)),
            aspect=self.put(aspect_to_grass(aspect_rad, slope_rad)),
            day=day,
            step=step_hours,
            **options,
        )
        self.last_sun_map = names["glob"]
        return {key: self.get(name) for key, name in names.items()}

    def sun_constants(self):
        """What the last r.sun noted of its day: declination_rad, extraterrestrial_w_m2."""
        info = self.run("r.info", "-h", map=self.last_sun_map)
        numbers = {}
        for line in info.splitlines():
            key, _, value = line.strip().partition(":")
            if key.startswith("Declination"):
                numbers["declination_rad"] = float(value)
            elif key.startswith("Extraterrestrial"):
                numbers["extraterrestrial_w_m2"] = float(value)
        return numbers

    def corner_latitude_rad(self):
        """(rows, cols) latitude of each cell's lower-left corner [rad], where r.sun takes it."""
        from rasterio.warp import transform

        rows, cols = self.shape
        x = np.linspace(self.bounds["w"], self.bounds["e"], cols + 1)[:-1]
        y = np.linspace(self.bounds["n"], self.bounds["s"], rows + 1)[1:]
        xx, yy = np.meshgrid(x, y)
        _, latitude = transform(self.crs, "+proj=longlat +ellps=WGS84", xx.ravel(), yy.ravel())
        return np.radians(np.reshape(latitude, self.shape))


def r_sun(elevation_m, cell_size_m, *, day, latitude_deg=45.0, slope_aspect_rad=None, **options):
    """One call: a project, slopes by r.slope.aspect -e unless given, a day of r.sun."""
    crs = transverse_mercator(latitude_deg)
    with GrassProject(np.shape(elevation_m), cell_size_m, crs=crs) as project:
        if slope_aspect_rad is None:
            slope_aspect_rad = project.slope_aspect(elevation_m)
        return project.sun(elevation_m, *slope_aspect_rad, day=day, **options)
