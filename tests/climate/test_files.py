"""Which climate files are recognised, by name and content."""

import zipfile

import numpy as np
import pytest

from climate_files import (
    VARIABLES,
    weather,
    write_daymet,
    write_netcdf,
    write_tif,
)
from climate_folders import (
    DEM,
    NATIVE,
    PRISM,
    flat,
    plan_of,
    prism_fields,
    write_local,
    write_prism,
)
from eemt_core import climate
from eemt_core.climate import _vapour as vapour
from eemt_core.errors import ArgumentError, InputError


@pytest.mark.slow
@pytest.mark.parametrize("subfolders", [False, True])
def test_the_predecessors_months_give_what_daymets_years_give(tmp_path, subfolders):
    local = plan_of(write_local(tmp_path / "local", subfolders=subfolders))
    daymet = plan_of(write_daymet(tmp_path / "daymet_v4", NATIVE))
    assert (local.provenance["kind"], local.periods) == ("local", (2010,))
    for name in daymet.values:
        np.testing.assert_array_equal(local.values[name], daymet.values[name])


@pytest.mark.parametrize("folder", ["here", "daymet/NA_DEM"])
def test_the_predecessors_reference_elevation_is_found(tmp_path, folder):
    write_local(tmp_path, subfolders=True)
    at = tmp_path if folder == "here" else tmp_path / folder
    write_tif(at / "na_dem.tif", NATIVE, np.full((1, *NATIVE.shape), 2000.0))
    plan = plan_of(tmp_path)
    assert np.all(plan.reference_m == 2000)
    assert plan.provenance["reference_elevation"] == "na_dem.tif"
    assert set(plan.files) == set(tmp_path.rglob("*.tif"))
    warm = climate.downscale(plan.cut(0, 0, 30, 40), 2010, 1, flat(0, 0, 30, 40))
    # 500 m above the climate's own elevation
    low = climate.downscale(plan.cut(0, 0, 30, 40), 2010, 1, flat(0, 0, 30, 40) - 500)
    np.testing.assert_allclose(low.tmin_c - warm.tmin_c, 6.49 / 2, atol=1e-5)


PRISM_NAMES = {
    "new": ("prism_{var}_us_30s_2010{month:02d}.tif", 2010),
    "old": ("PRISM_{var}_stable_4kmM3_2010{month:02d}_bil.tif", 2010),
    "old normals": ("PRISM_{var}_30yr_normal_800mM4_{month:02d}_bil.tif", "normals-800mM4"),
    "new normals": ("prism_{var}_us_30s_2020{month:02d}_avg_30y.tif", "1991-2020"),
}


@pytest.mark.parametrize(("name", "period"), PRISM_NAMES.values(), ids=PRISM_NAMES.keys())
def test_prism_is_recognised_under_all_its_names(tmp_path, name, period):
    source = climate.open_climate(write_prism(tmp_path, name))
    assert (source.kind, source.periods) == ("prism", (period,))
    plan = source.plan(DEM, source.select(), flat)
    assert plan.provenance["vapour_pressure"] == "from the mean dew point"
    out = climate.downscale(plan.cut(0, 0, 30, 40), period, 6, flat(0, 0, 30, 40))
    assert out.vapour_pressure_pa == pytest.approx(vapour.saturation_pa(out.tmin_c - 2), rel=1e-3)


def test_prisms_bil_files_and_the_zip_they_come_in_give_the_same(tmp_path):
    name = "PRISM_{var}_stable_4kmM3_2010{month:02d}_bil.bil"
    bil = write_prism(tmp_path / "bil", name, driver="EHdr")
    zipped = tmp_path / "zipped"
    zipped.mkdir()
    for path in bil.glob("*.bil"):
        with zipfile.ZipFile(zipped / f"{path.stem}.zip", "w") as archive:
            for part in bil.glob(f"{path.stem}.*"):
                archive.write(part, part.name)
    one, other = plan_of(bil), plan_of(zipped)
    for name in one.values:
        np.testing.assert_array_equal(one.values[name], other.values[name])
    # checksums are taken of the archives
    assert set(other.files) == set(zipped.glob("*.zip"))


def test_prisms_own_elevation_is_found(tmp_path):
    write_prism(tmp_path, "prism_{var}_us_30s_2010{month:02d}.tif")
    write_tif(tmp_path / "PRISM_us_dem_800m_bil.tif", PRISM, np.full((1, *PRISM.shape), 2100.0))
    plan = plan_of(tmp_path)
    assert np.all(plan.reference_m == 2100)
    assert plan.provenance["reference_elevation"] == "PRISM_us_dem_800m_bil.tif"


@pytest.mark.parametrize("given", [("vpdmin", "vpdmax"), ("vpdmax",), ("vpdmin",)])
def test_vapour_pressure_from_prisms_deficits_is_that_of_the_dew_point(tmp_path, given):
    fields = prism_fields()
    e_a = vapour.saturation_pa(fields.pop("tdmean"))
    deficits = {
        "vpdmin": (vapour.saturation_pa(fields["tmin"]) - e_a) / 100,
        "vpdmax": (vapour.saturation_pa(fields["tmax"]) - e_a) / 100,
    }
    fields |= {name: deficits[name] for name in given}
    plan = plan_of(write_prism(tmp_path, "prism_{var}_us_30s_2010{month:02d}.tif", fields))
    row0, col0 = plan.origin
    rows, cols = plan.reference_m.shape
    expected = e_a[:, row0 : row0 + rows, col0 : col0 + cols]
    # the files' float32 rounding of degrees, through a deficit of up to 4 kPa
    np.testing.assert_allclose(plan.values["vapour_pressure_pa"][0], expected, rtol=1e-4)


def test_final_prism_values_replace_provisional_ones(tmp_path):
    write_prism(tmp_path, "PRISM_{var}_stable_4kmM3_2010{month:02d}_bil.tif")
    fields = {"ppt": prism_fields()["ppt"] + 100}
    write_prism(tmp_path, "PRISM_{var}_provisional_4kmM3_2010{month:02d}_bil.tif", fields)
    assert plan_of(tmp_path).values["prcp_mm"].max() < 150


def test_a_years_normals_take_no_years(tmp_path):
    folder = write_prism(tmp_path, PRISM_NAMES["new normals"][0])
    with pytest.raises(ArgumentError, match="holds normals"):
        climate.open_climate(folder).select(2010, 2010)


def test_daymet_cut_to_a_site_is_recognised(tmp_path):
    for v in VARIABLES:
        write_netcdf(tmp_path / f"{v}_2010_jemez.nc", NATIVE, v, weather(NATIVE)[v], 2010)
    source = climate.open_climate(tmp_path)
    assert (source.kind, source.periods) == ("daymet", (2010,))
    with pytest.raises(InputError, match=r"no tmin_2011_jemez\.nc"):
        source.select(2010, 2011)
    (tmp_path / "prcp_2010_jemez.nc").unlink()
    with pytest.raises(InputError, match=r"lacks prcp_2010_jemez\.nc, the file of prcp in January"):
        climate.open_climate(tmp_path).select()


def test_a_station_alone_in_a_folder_is_recognised(tmp_path):
    months = "".join(f"{k} = {[v] * 12}\n" for k, v in (("tmin_c", 1), ("tmax_c", 9)))
    (tmp_path / "station.toml").write_text(
        'name = "a"\nsource = "b"\nelevation_m = 1\nlatitude = 2\nperiod = "1971-2000"\n'
        f"[monthly]\n{months}prcp_mm = {[50] * 12}\n"
    )
    assert (
        climate.open_climate(tmp_path).kind
        == climate.open_climate(tmp_path / "station.toml").kind
        == "station"
    )
