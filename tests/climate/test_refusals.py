"""Climate files that cannot be used: each is refused in one sentence."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from affine import Affine

from climate_files import (
    NAMES,
    UNITS,
    VARIABLES,
    carry_out,
    weather,
    write_daymet,
    write_netcdf,
    write_tif,
)
from climate_folders import NATIVE, plan_of, write_local, write_prism
from eemt_core import climate
from eemt_core.errors import InputError
from eemt_core.grids.grid import Grid
from eemt_core.rasters.odd_values import number


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return write_daymet(tmp_path_factory.mktemp("good"), NATIVE)


@pytest.fixture
def daymet(good, tmp_path):
    folder = tmp_path / "daymet"
    shutil.copytree(good, folder)
    return folder


def rewrite(folder, variable, change=lambda values: values, grid=NATIVE, **options):
    values = change(np.array(weather(NATIVE, seed=2010)[variable]))
    options = {"units": UNITS[variable]} | options
    return write_tif(folder / f"{NAMES[variable]}_2010.tif", grid, values, **options)


def refusal(folder, kind=InputError):
    with pytest.raises(kind) as caught:
        plan_of(folder)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_missing_file_is_named_with_its_month(daymet):
    (daymet / f"{NAMES['tmax']}_2010.tif").unlink()
    message = refusal(daymet)
    assert "lacks daymet_v4_tmax_monavg_na_2010.tif, the file of tmax in January 2010" in message


def test_a_missing_month_is_named(tmp_path):
    write_local(tmp_path)
    (tmp_path / "prcp_2010_aug_local.tif").unlink()
    assert "lacks prcp_2010_aug_local.tif, the file of prcp in August 2010" in refusal(tmp_path)


def test_a_missing_prism_month_is_named(tmp_path):
    write_prism(tmp_path, "PRISM_{var}_stable_4kmM3_2010{month:02d}_bil.tif")
    (tmp_path / "PRISM_ppt_stable_4kmM3_201012_bil.tif").unlink()
    assert "lacks PRISM_ppt_stable_4kmM3_201012_bil.tif" in refusal(tmp_path)


def test_humidity_of_some_years_only_is_a_missing_file(daymet):
    for v in ("tmin", "tmax", "prcp"):
        shutil.copy(daymet / f"{NAMES[v]}_2010.tif", daymet / f"{NAMES[v]}_2011.tif")
    assert "lacks daymet_v4_vp_monavg_na_2011.tif" in refusal(daymet)


WRONG_VALUES = {
    "kelvins": ("tmin", lambda v: v + 273.15, "which look like kelvins: tmin must be in degrees C"),
    "Fahrenheit": ("tmax", lambda v: v * 1.8 + 32, "degrees Fahrenheit or scaled integers"),
    "tenths of degrees": ("tmin", lambda v: v * 10, "degrees Fahrenheit or scaled integers"),
    "kPa": ("vp", lambda v: v / 1000, "hectopascals or kilopascals: vp must be in pascals"),
    "hPa": ("vp", lambda v: v / 100, "hectopascals or kilopascals: vp must be in pascals"),
    "metres": ("prcp", lambda v: v / 1000, "metres: prcp must be in millimetres in the month"),
    "hundredths": ("prcp", lambda v: v * 100, "hundredths of millimetres"),
    "negative": ("prcp", lambda v: v - 200, "negative precipitation"),
    "exchanged": ("tmin", lambda v: v + 20, "is warmer than"),
}


@pytest.mark.parametrize(
    ("variable", "change", "words"), WRONG_VALUES.values(), ids=WRONG_VALUES.keys()
)
def test_values_in_another_unit_are_refused_by_the_files_name(daymet, variable, change, words):
    path = rewrite(daymet, variable, change)
    message = refusal(daymet)
    assert path.name in message
    assert words in message


def test_climate_of_far_too_many_cells_is_refused_before_it_is_read(daymet):
    grid = replace(NATIVE, rows=100_000, cols=100_000, dx=NATIVE.dx / 1e4, dy=NATIVE.dy / 1e4)
    for path in daymet.glob("*.tif"):
        with rasterio.open(
            path, "w", driver="GTiff", count=12, height=grid.rows, width=grid.cols, dtype="uint8",
            crs=grid.crs, transform=Affine(grid.dx, 0, grid.x0, 0, -grid.dy, grid.y0),
            tiled=True, blockxsize=1024, blockysize=1024, sparse_ok=True, bigtiff="yes",
        ):  # fmt: skip
            pass
    assert "climate cells over the DEM, far more than" in refusal(daymet)


@pytest.mark.slow
@pytest.mark.parametrize("fill", [1e20, -999.0, 32767.0])
@pytest.mark.parametrize("variable", ["tmin", "prcp", "vp"])
def test_a_fill_is_named_with_its_cells_not_taken_for_another_unit(daymet, variable, fill):
    def filled(values):
        values[4, 2, 3], values[7, 2, 3:5] = fill, fill
        return values

    path = rewrite(daymet, variable, filled)
    message = refusal(daymet)
    assert f"{path.name} holds {number(fill)} in 3 cells over the DEM, which is no" in message
    assert "mark such cells as nodata with rio calc" in message
    carry_out(message)
    assert_gaps(daymet, 3)
    rewrite(daymet, variable, filled, nodata=None)
    message = refusal(daymet)
    assert f"with rio edit-info --nodata {number(fill)} " in message
    carry_out(message)
    assert_gaps(daymet, 3)


def assert_gaps(folder, count):
    gaps = sum(int(np.isnan(values).sum()) for values in plan_of(folder).values.values())
    assert gaps == count


@pytest.mark.slow
def test_a_fill_in_a_file_that_is_no_geotiff_is_mended_by_one_command(tmp_path):
    write_prism(tmp_path, "PRISM_{var}_stable_4kmM3_2010{month:02d}_bil.bil", driver="EHdr")
    assert_gaps(tmp_path, 0)
    path = next(tmp_path.glob("PRISM_tmin_*_201003_bil.bil"))
    with rasterio.open(path, "r+") as target:
        values = target.read(1)
        values[4, 4] = 99
        target.write(values, 1)
    carry_out(refusal(tmp_path))
    assert_gaps(tmp_path, 1)
    assert not path.exists()


@pytest.mark.parametrize(
    ("variable", "unit"), [("tmin", "K"), ("tmax", "degF"), ("prcp", "mm/day"), ("vp", "kPa")]
)
def test_a_unit_tag_that_says_another_unit_is_refused(daymet, variable, unit):
    path = rewrite(daymet, variable, units=unit)
    message = refusal(daymet)
    assert f"{path.name} gives {variable} in {unit!r}: convert it to" in message


@pytest.mark.parametrize("unit", ["degC", "°C", "Celsius", "degrees C", "degree_Celsius", "C"])
def test_every_spelling_of_celsius_is_accepted(daymet, unit):
    rewrite(daymet, "tmin", units=unit)
    plan_of(daymet)


def test_daily_and_annual_files_are_refused_with_the_name_to_fetch(tmp_path):
    for name, step in (
        ("daymet_v4_daily_na_tmin_2010.nc", "daily"),
        ("daymet_v4_prcp_annttl_na_2010.tif", "annual"),
        ("prism_tmin_us_30s_20100115.tif", "daily"),
        ("PRISM_ppt_stable_4kmM3_2010_bil.bil", "annual"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / name).touch()
        with pytest.raises(InputError, match=rf"{name} holds {step} values: fetch .* monthly"):
            climate.open_climate(folder)


def test_a_file_with_a_years_days_under_a_monthly_name_is_refused(daymet):
    rewrite(daymet, "tmin", lambda values: np.repeat(values, 31, axis=0)[:365])
    assert "_tmin_monavg_na_2010.tif has 365 bands (daily values?) instead of 12" in refusal(daymet)
    rewrite(daymet, "tmin", lambda values: values[:1])
    assert "has 1 band (an annual value?) instead of 12 monthly ones" in refusal(daymet)


def test_a_years_bands_under_a_months_name_are_refused(tmp_path):
    write_local(tmp_path)
    write_tif(tmp_path / "tmax_2010_may_local.tif", NATIVE, weather(NATIVE)["tmax"])
    assert "tmax_2010_may_local.tif has 12 bands instead of one" in refusal(tmp_path)


def test_a_netcdf_file_of_another_year_or_variable_is_refused(tmp_path):
    write_daymet(tmp_path, NATIVE, form="nc")
    tmin = weather(NATIVE)["tmin"]
    path = tmp_path / "daymet_v4_tmin_monavg_na_2010.nc"
    write_netcdf(path, NATIVE, "tmin", tmin, 2011)
    assert "na_2010.nc holds January 2011 where January 2010 is expected" in refusal(tmp_path)
    write_netcdf(path, NATIVE, "tmax", tmin + 13, 2010)
    assert "tmin_monavg_na_2010.nc has no variable tmin" in refusal(tmp_path)


def test_files_on_different_grids_are_refused_by_both_names(daymet):
    moved = Grid(**(NATIVE.to_dict() | {"x0": NATIVE.x0 + 250.0}))
    rewrite(daymet, "tmax", grid=moved)
    message = refusal(daymet)
    assert f"{NAMES['tmax']}_2010.tif and {NAMES['tmin']}_2010.tif lie on different" in message


def test_a_file_without_crs_is_refused(daymet):
    for variable in VARIABLES:
        rewrite(daymet, variable, grid=Grid(**(NATIVE.to_dict() | {"crs": ""})))
    assert "tmin_monavg_na_2010.tif has no coordinate reference system" in refusal(daymet)


def test_a_damaged_file_is_named(daymet):
    (daymet / f"{NAMES['prcp']}_2010.tif").write_bytes(b"II*\0 not a raster")
    assert "daymet_v4_prcp_monttl_na_2010.tif is not a raster" in refusal(daymet)
    for path in daymet.glob("*.tif"):
        path.unlink()
    (daymet / "prism_tmin_us_30s_201001.zip").write_bytes(b"PK not a zip")
    assert "prism_tmin_us_30s_201001.zip is no readable zip" in refusal(daymet)


def test_a_reference_elevation_elsewhere_or_missing_is_refused(daymet, tmp_path):
    away = NATIVE.window(500, 500, 5, 5)
    path = write_tif(tmp_path / "away.tif", away, np.full((1, 5, 5), 100.0))
    with pytest.raises(InputError, match=r"away\.tif holds no elevation .* same region"):
        plan_of(daymet, elevation=path)
    with pytest.raises(InputError, match=r"nowhere\.tif does not exist"):
        climate.open_climate(daymet, elevation=tmp_path / "nowhere.tif")
    bare = Grid(**(NATIVE.to_dict() | {"crs": ""}))
    path = write_tif(tmp_path / "bare.tif", bare, np.full((1, *NATIVE.shape), 100.0))
    with pytest.raises(InputError, match=r"bare\.tif has no coordinate reference system"):
        plan_of(daymet, elevation=path)


def test_mixtures_are_refused_with_both_names(daymet, tmp_path):
    write_local(daymet)
    with pytest.raises(InputError, match=r"cut from Daymet and Daymet V4 .* one kind"):
        climate.open_climate(daymet)
    for name, other in (
        ("daymet_v4_tmin_monavg_na_2010.nc", "daymet_v4_tmin_monavg_hi_2010.nc"),
        ("prism_tmin_us_30s_201001.tif", "prism_tmin_us_25m_201001.tif"),
        ("prism_tmin_us_30s_201001.tif", "prism_tmin_us_30s_202001_avg_30y.tif"),
    ):
        folder = tmp_path / other
        folder.mkdir()
        for touched in (name, other):
            (folder / touched).touch()
        with pytest.raises(InputError, match=r"mixes .* of different") as caught:
            climate.open_climate(folder)
        assert name in str(caught.value)
        assert other in str(caught.value)


def test_what_is_no_climate_is_refused_with_what_is(tmp_path):
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(InputError, match=r"daymet_v4_tmin_monavg_na_2010.nc.*PRISM"):
            climate.open_climate(path)
    text = tmp_path / "climate.txt"
    text.write_text("warm")
    with pytest.raises(InputError, match=r"climate\.txt is no climate that can be recognised"):
        climate.open_climate(text)


def test_a_tiles_task_loads_no_raster_library():
    import subprocess
    import sys

    code = (
        "import sys, eemt_core.climate as c; c.Downscaler, c.open_climate; "
        "print(sorted({'rasterio', 'h5py', 'click'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
