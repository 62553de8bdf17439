"""PRISM as distributed: sets of mixed model versions, NetCDF and ASCII grids, zips."""

import zipfile

import h5py
import numpy as np
import pytest

from climate_files import UTM13, prism_grid, weather, write_tif
from eemt_core import climate
from eemt_core.errors import InputError
from eemt_core.grids.grid import Grid

DEM = Grid(rows=30, cols=40, x0=352_000.0, y0=3_964_000.0, dx=60.0, dy=60.0, unit_m=1.0, crs=UTM13)
PRISM = prism_grid(DEM)
FIELDS = {
    "ppt": weather(PRISM)["prcp"],
    "tmin": weather(PRISM)["tmin"],
    "tmax": weather(PRISM)["tmax"],
}
NAD83 = "EPSG:4269"


def flat(row0, col0, rows, cols):
    return np.full((rows, cols), 2500.0, np.float32)


def plan_of(folder):
    source = climate.open_climate(folder)
    return source.plan(DEM, source.select(), flat)


def write(folder, name, variables=tuple(FIELDS), writer=write_tif, grid=PRISM):
    """Write twelve months; `name` has placeholders for variable and month."""
    folder.mkdir(exist_ok=True)
    for variable in variables:
        for month in range(12):
            path = folder / name.format(var=variable, month=month + 1)
            writer(path, grid, FIELDS[variable][month][None])
    return folder


def write_asc(path, grid, values, prj=None):
    """An ASCII grid as ESRI made them: six lines and the cells, as many digits as PRISM gives."""
    rows = "\n".join(" ".join(f"{v:.4f}" for v in row) for row in np.asarray(values)[0])
    head = (
        f"ncols {grid.cols}\nnrows {grid.rows}\nxllcorner {grid.x0:.12f}\n"
        f"yllcorner {grid.y0 - grid.rows * grid.dy:.12f}\ncellsize {grid.dx:.12f}\n"
        "NODATA_value -9999\n"
    )
    path.write_text(head + rows + "\n")


def write_nc(path, grid, values):
    """A NetCDF file as GDAL makes one of a geographic raster."""

    def attributes(target, **items):
        for key, value in items.items():
            target.attrs[key] = np.bytes_(value) if isinstance(value, str) else value

    with h5py.File(path, "w") as file:
        attributes(file, Conventions="CF-1.5")
        axes = {
            "lat": grid.y0 - (np.arange(grid.rows) + 0.5) * grid.dy,
            "lon": grid.x0 + (np.arange(grid.cols) + 0.5) * grid.dx,
        }
        units = {"lat": ("degrees_north", "latitude"), "lon": ("degrees_east", "longitude")}
        band = file.create_dataset("Band1", data=np.asarray(values, np.float32)[0])
        for axis, (name, places) in enumerate(axes.items()):
            scale = file.create_dataset(name, data=places)
            scale.make_scale(name)
            attributes(scale, units=units[name][0], standard_name=units[name][1])
            band.dims[axis].attach_scale(scale)
        attributes(band, _FillValue=np.float32(-9999), grid_mapping="crs")
        attributes(
            file.create_dataset("crs", data=np.bytes_("")),
            grid_mapping_name="latitude_longitude",
            longitude_of_prime_meridian=0.0,
            semi_major_axis=6378137.0,
            inverse_flattening=298.257222101,
            spatial_ref=grid.crs,
        )


def zipped(folder, to):
    """Each file in a zip of its own, as PRISM sends them."""
    to.mkdir()
    for path in folder.iterdir():
        with zipfile.ZipFile(to / f"{path.stem}.zip", "w") as archive:
            archive.write(path, path.name)
    return to


@pytest.mark.parametrize(
    ("rain", "warmth", "period"),
    [
        # the 1991-2020 normals as they were distributed
        (
            "PRISM_{var}_30yr_normal_800mM4_{month:02d}_bil.tif",
            "PRISM_{var}_30yr_normal_800mM5_{month:02d}_bil.tif",
            "normals-800m",
        ),
        (
            "PRISM_{var}_stable_4kmM2_2010{month:02d}_bil.tif",
            "PRISM_{var}_stable_4kmM3_2010{month:02d}_bil.tif",
            2010,
        ),
        # one grid under an old name and a new one
        (
            "PRISM_{var}_stable_4kmM3_2010{month:02d}_bil.tif",
            "prism_{var}_us_25m_2010{month:02d}.tif",
            2010,
        ),
        # names suggest two grids, but the files' cells are on one grid, which counts
        ("prism_{var}_us_25m_2010{month:02d}.tif", "prism_{var}_us_30s_2010{month:02d}.tif", 2010),
    ],
)
def test_sets_of_mixed_names_on_one_grid_are_one_climate(tmp_path, rain, warmth, period):
    write(tmp_path, rain, ["ppt"])
    write(tmp_path, warmth, ["tmin", "tmax"])
    source = climate.open_climate(tmp_path)
    assert source.periods == (period,)
    plan = plan_of(tmp_path)
    i, j = plan.origin
    rows, cols = plan.reference_m.shape
    for name, variable in (("prcp_mm", "ppt"), ("tmin_c", "tmin")):
        expected = FIELDS[variable][:, i : i + rows, j : j + cols].astype(np.float32)
        np.testing.assert_array_equal(plan.values[name][0], expected)


def test_files_of_different_cells_are_refused_whatever_their_names_say(tmp_path):
    name = "PRISM_{var}_30yr_normal_800mM4_{month:02d}_bil.tif"
    write(tmp_path, name, ["tmin", "tmax"])
    shifted = Grid(**(PRISM.to_dict() | {"x0": PRISM.x0 + PRISM.dx}))
    write(tmp_path, name, ["ppt"], grid=shifted)
    with pytest.raises(InputError, match=r"PRISM_ppt_30yr_normal_800mM4_01_bil.tif and .* grids"):
        plan_of(tmp_path)


def test_of_two_versions_of_a_month_the_later_one_counts(tmp_path):
    write(tmp_path, "PRISM_{var}_stable_4kmM3_2010{month:02d}_bil.tif")
    for month in range(12):
        path = tmp_path / f"PRISM_ppt_stable_4kmM2_2010{month + 1:02d}_bil.tif"
        write_tif(path, PRISM, FIELDS["ppt"][month][None] + 500)
    assert plan_of(tmp_path).values["prcp_mm"].max() < 400


def test_a_month_on_two_grids_is_refused_with_both_names(tmp_path):
    write(tmp_path, "PRISM_{var}_stable_4kmM3_2010{month:02d}_bil.tif")
    write(tmp_path, "prism_{var}_us_30s_2010{month:02d}.tif", ["tmax"])
    with pytest.raises(InputError, match=r"different grids, PRISM_tmax_.* and prism_tmax_us_30s_"):
        climate.open_climate(tmp_path)


def test_a_missing_file_is_named_as_its_quantity_s_other_months_are(tmp_path):
    write(tmp_path, "PRISM_{var}_30yr_normal_800mM4_{month:02d}_bil.tif", ["ppt"])
    write(tmp_path, "PRISM_{var}_30yr_normal_800mM5_{month:02d}_bil.tif", ["tmin", "tmax"])
    (tmp_path / "PRISM_tmax_30yr_normal_800mM5_07_bil.tif").unlink()
    with pytest.raises(InputError, match=r"lacks PRISM_tmax_30yr_normal_800mM5_07_bil.tif"):
        climate.open_climate(tmp_path).select()


FORMS = {
    "old ASCII": ("PRISM_{var}_stable_4kmM3_2010{month:02d}_asc.asc", write_asc),
    "new ASCII": ("prism_{var}_us_30s_2010{month:02d}.asc", write_asc),
    "new NetCDF": ("prism_{var}_us_30s_2010{month:02d}.nc", write_nc),
    "NetCDF of normals": ("prism_{var}_us_30s_2020{month:02d}_avg_30y.nc", write_nc),
    "ASCII of normals": ("PRISM_{var}_30yr_normal_800mM2_{month:02d}_asc.asc", write_asc),
}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("in_zip", [False, True])
def test_every_form_gives_what_the_geotiff_gives(tmp_path, form, in_zip):
    name, writer = FORMS[form]
    folder = write(tmp_path / "plain", name, writer=writer)
    tif = write(tmp_path / "tif", "prism_{var}_us_30s_2010{month:02d}.tif")
    plan = plan_of(zipped(folder, tmp_path / "zipped") if in_zip else folder)
    expected = plan_of(tif)
    for name, values in expected.values.items():
        # an ASCII grid has four digits
        np.testing.assert_allclose(plan.values[name], values, atol=6e-5)
    # a billionth of a degree is lost in the text of a corner
    np.testing.assert_allclose(plan.row.values, expected.row.values, atol=1e-5)
    told = [note for note in plan.notes if "says no coordinate reference system" in note]
    assert len(told) == (writer is write_asc)
    assert all(NAD83 in note for note in told)
    assert not any("says no coordinate" in note for note in expected.notes)


def test_prisms_own_elevation_may_be_an_ascii_grid(tmp_path):
    write(tmp_path, "prism_{var}_us_30s_2010{month:02d}.tif")
    write_asc(tmp_path / "PRISM_us_dem_800m_asc.asc", PRISM, np.full((1, *PRISM.shape), 2100.0))
    plan = plan_of(tmp_path)
    assert (plan.reference_m == 2100.0).all()
    assert plan.provenance["reference_elevation"] == "PRISM_us_dem_800m_asc.asc"


def test_an_ascii_grid_in_metres_is_not_taken_for_degrees(tmp_path):
    metres = Grid(**(PRISM.to_dict() | {"x0": 352_000.0, "y0": 3_964_000.0, "dx": 800, "dy": 800}))
    write(tmp_path, "prism_{var}_us_30s_2010{month:02d}.asc", writer=write_asc, grid=metres)
    with pytest.raises(InputError, match=r"201001.asc has no coordinate reference system"):
        plan_of(tmp_path)
