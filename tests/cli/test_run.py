"""``eemt-run`` as a user meets it: the real program, started as a process."""

import json
import os
import pty
import re
import resource
import subprocess

import numpy as np
import pytest
import rasterio

from geotiffs import write_geotiff
from runs import PROGRAM, eemt_run, maps_of, mountains, write_dem

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    return write_dem(tmp_path_factory.mktemp("dem") / "dem.tif", mountains((70, 90)))


@pytest.fixture(scope="module")
def climate(tmp_path_factory):
    """Ten degrees and 80 mm in every month, at 1000 m."""
    path = tmp_path_factory.mktemp("climate") / "station.toml"
    twelve = "[" + ", ".join(["{}"] * 12) + "]"
    path.write_text(
        'name = "Nowhere"\nsource = "made up for a test"\nelevation_m = 1000.0\n'
        "latitude = 36.1\n"
        'period = "1971-2000"\n[monthly]\n'
        f"tmin_c = {twelve.format(*[4.0] * 12)}\n"
        f"tmax_c = {twelve.format(*[16.0] * 12)}\n"
        f"prcp_mm = {twelve.format(*[80.0] * 12)}\n"
    )
    return path


def processor_s():
    """Time of processors that all children have taken which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_answers_at_once():
    times = []
    for _ in range(3):
        start = processor_s()
        done = eemt_run("--help")
        times.append(processor_s() - start)
        assert done.returncode == 0
    # the aim is 300 ms; where others use the same caches the best of three may take a second
    assert min(times) < 1.0


def test_help_names_every_option_with_its_unit():
    text = re.sub(r"\s+", " ", eemt_run("--help").stdout)
    options = """
        --workflow --climate --start-year --end-year --variant --lai --ndvi --canopy-height
        --step --linke --albedo --days --daily --year --shadows --no-shadows --mode --directions
        --tile-size --threads --twi --lapse-rate --elevation-unit --climate-elevation --wind
        --hamon --fu-w --eq12 --solar-ratio --pictures --overwrite --resume --demo --verbose --quiet
        --version --out
    """
    for option in options.split():
        assert option in text
    for unit in ("minutes", "[cells]", "[m]", "[m/s]", "[degC/km]", "0 to 1"):
        assert unit in text


def test_version():
    done = eemt_run("--version")
    assert re.fullmatch(r"eemt-core \d+\.\d+\.\d+\n", done.stdout)


def test_a_dem_becomes_maps_in_silence(dem, tmp_path):
    out = tmp_path / "out"
    done = eemt_run(dem, "-o", out, "-q", "--days", "172", "--step", "1h")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert set(maps_of(out)) == {
        "slope.tif",
        "aspect.tif",
        "sky_view.tif",
        "twi.tif",
        *(f"global/monthly/{f}total_sun_jun_{k}" for f in ("", "flat_") for k in KINDS),
        *(f"insol/monthly/hours_sun_jun_{k}" for k in KINDS),
        *(f"global/annual/{p}_sun_annual.tif" for p in PARTS),
        "insol/annual/hours_sun_annual.tif",
    }
    assert {"slope.png", "total_sun_annual.png", "overview.png"} <= {
        path.name for path in (out / "quicklook").iterdir()
    }


QUICK = ("--step", "60", "--no-pictures", "--precision", "full")
KINDS = ("sum.tif", "average.vrt")
PARTS = ("total", "beam", "diffuse", "reflected", "flat_total")


def test_a_run_tells_where_the_maps_are_and_how_it_goes(dem, tmp_path):
    run = ("--days", "1", "--tile-size", "40", *QUICK)
    done = eemt_run(dem, "-o", tmp_path / "out", *run)
    assert done.returncode == 0
    assert done.stdout == f"{tmp_path / 'out'}\n"
    assert re.search(r"tiles +100% .* cell-days/s", done.stderr)
    assert "\r" not in done.stderr
    told = eemt_run(dem, "-o", tmp_path / "v", *run, "-v")
    assert "rounded up to 64 cells" in told.stderr


def test_a_terminal_gets_a_bar_with_rate_and_time(dem, tmp_path):
    terminal, program = pty.openpty()
    # one tile after the other, each in a process that takes longer to load than a bar stands
    run = ("-o", tmp_path / "out", "--days", "1-90", "--tile-size", "40", "--threads", "1", *QUICK)
    process = subprocess.Popen(
        [*PROGRAM, dem, *run],
        stderr=program,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "120"},
    )
    os.close(program)
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # the program has closed its end
            break
        shown += part
    os.close(terminal)
    assert process.wait(60) == 0
    plain = shown.replace(b"\x1b[K", b"")
    assert re.search(rb"\rtiles +\[#+-+\] +\d+% .* cell-days/s  .* left", plain)
    assert b"100%" in shown


def test_climate_makes_eemt(dem, climate, tmp_path):
    out = tmp_path / "out"
    done = eemt_run(dem, "-o", out, "--climate", climate, *QUICK)
    assert done.returncode == 0, done.stderr
    maps = maps_of(out)
    months = [name for name in maps if name.startswith("eemt/EEMT_")]
    assert len(months) == 2 * 12
    for variant in ("Trad", "Topo"):
        parts = [maps[f"eemt/EEMT_{variant}_{m}_1971-2000.tif"] for m in MONTHS]
        yearly = maps[f"eemt/yearly/EEMT_{variant}_1971-2000.tif"]
        # twelve float32 values and their sum, rounded once each
        np.testing.assert_allclose(sum(parts), yearly, rtol=2e-6)
        summary = [f"eemt/summary/E_{t}_{variant}_mean.tif" for t in ("BIO", "PPT")]
        mean = maps[f"eemt/summary/EEMT_{variant}_mean.tif"]
        np.testing.assert_allclose(maps[summary[0]] + maps[summary[1]], mean, rtol=2e-6)
        np.testing.assert_allclose(mean, yearly, rtol=2e-6)
    record = json.loads((out / "run.json").read_text())
    assert record["parameters"]["climate"]["station"] == "Nowhere"
    assert record["parameters"]["solar"]["year"] == 1985


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def test_a_wetness_raster_takes_the_place_of_the_computation(dem, climate, tmp_path):
    run = ("--climate", climate, *QUICK, "--variant", "topo")
    assert eemt_run(dem, "-o", tmp_path / "one", *run).returncode == 0
    twi = tmp_path / "one" / "twi.tif"
    assert eemt_run(dem, "-o", tmp_path / "two", *run, "--twi", twi).returncode == 0
    one, two = maps_of(tmp_path / "one"), maps_of(tmp_path / "two")
    name = "eemt/yearly/EEMT_Topo_1971-2000.tif"
    np.testing.assert_allclose(one[name], two[name], rtol=1e-6)


def test_vegetation_makes_topo_veg(dem, climate, tmp_path):
    ndvi = write_geotiff(tmp_path / "ndvi.tif", np.full((70, 90), 0.5, np.float32))
    canopy = write_geotiff(tmp_path / "canopy.tif", np.full((70, 90), 12.0, np.float32))
    done = eemt_run(
        dem, "-o", tmp_path / "out", "--climate", climate, *QUICK,
        "--ndvi", ndvi, "--canopy-height", canopy, "--variant", "topo-veg",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    e_bio = maps_of(tmp_path / "out")["eemt/summary/E_BIO_TopoVeg_mean.tif"]
    # Equation 12, centred, at 12 m: 196 + 36 * 12 - 0.61 * (12 - 12.0933)^2 = 627.99 g m-2 yr-1
    # of 22 kJ each
    np.testing.assert_allclose(e_bio, 627.99 * 22e-3, rtol=1e-4)


def test_the_environment_sets_options(dem, tmp_path):
    env = {"EEMT_DAYS": "5", "EEMT_STEP": "0.5h", "EEMT_QUIET": "1", "EEMT_PICTURES": "0"}
    assert eemt_run(dem, "-o", tmp_path / "out", env=env).returncode == 0
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["parameters"]["solar"]["days"] == [5]
    assert record["parameters"]["solar"]["step_minutes"] == 30.0


@pytest.mark.parametrize(
    ("arguments", "exit_code", "sentence"),
    [
        (["--step", "0.25"], 2, "write 0.25h if you mean hours, which is 15 minutes"),
        (["--step", "0.05"], 2, "write 0.05h if you mean hours, which is 3 minutes"),
        (["--step", "15h"], 2, "a step of 900 minutes.*write 15 or 15min if you mean minutes"),
        (["--step", "61"], 2, "outside 1 to 60 minutes"),
        (["--step", "soon"], 2, "'soon' is no time step: write 15, 15min or 0.25h"),
        (["--days", "0"], 2, "days must rise within 1 to 365"),
        (["--days", "400"], 2, "days must rise within 1 to 365"),
        (["--days", "June"], 2, "days must look like 1-365 or 15,172"),
        (["--linke", "3,4"], 2, "give one number or twelve, not 2"),
        (["--linke", "17"], 2, "outside 1 to 16"),
        (["--linke", "nowhere.tif"], 2, "'nowhere.tif' is neither a number"),
        (["--out", "s3://maps/out"], 2, "s3://maps/out lies on another machine"),
        (["--out", "/vsis3/maps/out"], 2, "/vsis3/maps/out lies on another machine"),
        (["--albedo", "1.5"], 2, "1.5 is outside 0 to 1: it is a share"),
        (["--mode", "fast"], 2, "'fast' is not one of 'exact', 'rsun'"),
        (["--variant", "trad,best"], 2, "'best' is none of trad, topo, topo-veg"),
        (["--workflow", "eemt"], 2, "--workflow eemt needs --climate"),
        (["--wind", "3"], 2, "--wind is for EEMT, which needs --climate"),
        (["--overwrite", "--resume"], 2, "give --overwrite or --resume, not both"),
        (["-q", "-v"], 2, "give -q or -v, not both"),
        (["--demo"], 2, "--demo brings its own DEM"),
        (["--tile-size", "0"], 2, "0 is outside 1 to 1000000: "),
        (["--lapse-rate", "1,2,3"], 2, "is neither one number nor 2"),
        (["--workers", "1000000"], 2, "1000000 is more than .*wait for each other"),
        (["--max-workers", "1000000"], 2, "1000000 is more than .*wait for each other"),
        (["--threads", "1000000"], 2, "1000000 is more than .*wait for each other"),
        (["--retries", "1000000"], 2, "1000000 is outside .*: "),
        (["--manager-port", "0", "--task-cores", "1000000"], 2, "1000000 is outside .*: "),
        (["--nonsense"], 2, "No such option"),
        (["--climate", "nowhere"], 3, "nowhere does not exist"),
        (["--twi", "nowhere.tif"], 3, "nowhere.tif does not exist"),
    ],
)
def test_a_bad_option_ends_with_one_sentence(dem, tmp_path, arguments, exit_code, sentence):
    done = eemt_run(dem, "-o", tmp_path / "out", *arguments)
    assert done.returncode == exit_code, done.stderr
    assert re.search(sentence, done.stderr), done.stderr
    assert done.stderr.count("Error: ") == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_eemt_wants_the_whole_year_and_its_rasters(dem, climate, tmp_path):
    for arguments, sentence in (
        (["--days", "1-31"], "EEMT needs the whole year of sun"),
        (["--variant", "topo-veg"], "needs the leaf area: give --lai or --ndvi"),
        (["--lai", dem, "--ndvi", dem], "as --lai or as --ndvi, not both"),
        (["--start-year", "1990"], "holds normals"),
    ):
        done = eemt_run(dem, "-o", tmp_path / "out", "--climate", climate, *arguments)
        assert done.returncode == 2, done.stderr
        assert sentence in done.stderr
        assert not (tmp_path / "out").exists()


def without_crs(path):
    return write_geotiff(path, np.ones((4, 4), np.float32), crs=None)


def rotated(path):
    turned = rasterio.Affine(8, 6, 500_000, 6, -8, 4_000_000)
    return write_geotiff(path, np.ones((4, 4), np.float32), transform=turned)


def empty(path):
    return write_geotiff(path, np.full((4, 4), np.nan, np.float32))


def feet(path):
    return write_geotiff(path, np.ones((4, 4), np.float32), crs="EPSG:2276")


def no_raster(path):
    path.write_text("this is no raster")
    return path


def missing(path):
    return path


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (without_crs, "no coordinate reference system"),
        (rotated, "rotated or sheared grid"),
        (empty, "no valid cell"),
        (feet, "--elevation-unit"),
        (no_raster, "dem.tif"),
        (missing, "does not exist"),
    ],
)
def test_a_bad_dem_ends_with_one_sentence_and_no_trace(tmp_path, make, sentence):
    done = eemt_run(make(tmp_path / "dem.tif"), "-o", tmp_path / "out")
    assert done.returncode == 3
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_no_dem_and_no_folder_are_usage_errors(dem, tmp_path):
    assert eemt_run("-o", tmp_path / "out").returncode == 2
    done = eemt_run(dem)
    assert done.returncode == 2
    assert "--out" in done.stderr


def test_a_file_in_place_of_the_folder_is_refused(dem, tmp_path):
    (tmp_path / "out").write_text("")
    done = eemt_run(dem, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "is a file" in done.stderr
