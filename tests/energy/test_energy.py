"""EEMT of a month: laws, a slow reference implementation ("twin"), and errors."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from eemt_core import energy
from eemt_core.energy import EnergyParameters
from eemt_core.errors import ArgumentError
from eemt_core.terrain import Surface
from energy_cells import climate_and_sun, topo, topo_veg, trad
from oracles import energy as oracle

TRAD = {
    "tmin_c": (-30.0, 30.0),
    "tmax_c": (-20.0, 45.0),
    "prcp_mm": (0.0, 600.0),
    "daylight_hours": (0.0, 24.0),
}
SLOPE = {
    "tmin_c": (-30.0, 30.0),
    "tmax_c": (-20.0, 45.0),
    "prcp_mm": (0.0, 600.0),
    "vapour_pressure_pa": (20.0, 4000.0),
    "elevation_m": (-400.0, 6000.0),
    "wetness_ratio": (0.0, 4.0),
    "solar_topo_wh_m2": (0.0, 300e3),
    "solar_flat_wh_m2": (0.0, 300e3),
    "wind_m_s": (0.1, 15.0),
    "albedo": (0.05, 0.9),
}
TOPO = SLOPE | {
    "slope_deg": (0.0, 86.0),
    "aspect_deg": (0.0, 360.0),
    "latitude_deg": (-86.0, 86.0),
}
VEG = SLOPE | {"lai": (0.0, 12.0), "canopy_height_m": (0.0, 60.0)}
VARIANTS = {
    "trad": (trad, TRAD, {"days": 31}),
    "topo": (topo, TOPO, {"days": 31}),
    "topo_veg": (topo_veg, VEG, {"days": 31}),
}
every_variant = pytest.mark.parametrize("variant", VARIANTS)

parameters = st.builds(
    EnergyParameters,
    water_heat_capacity_j_kg_k=st.floats(4180, 4187),
    hamon_form=st.sampled_from(["haith", "dingman"]),
    solar_term_c=st.floats(0, 2),
    solar_term_on=st.sampled_from(["tmax", "mean"]),
    lai_max=st.floats(4, 12),
    saturation_at=st.sampled_from(["extremes", "mean"]),
    relative_shortwave=st.floats(0.3, 1),
    latent_heat=st.sampled_from(["fixed", "temperature"]),
    pressure_lapse_k_m=st.sampled_from([0.0065, 0.00649]),
    fu_w=st.floats(1.5, 4),
    npp_floor_g_m2_yr=st.floats(0, 200),
    canopy_npp_form=st.sampled_from(["centred", "printed"]),
    surface_resistance=st.sampled_from(["linear", "fao"]),
    canopy_height_min_m=st.floats(0.05, 0.5),
    blending_height_m=st.floats(100, 300),
)


def random_cells(ranges, shape, *, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    cells = {name: rng.uniform(*limits, shape).astype(dtype) for name, limits in ranges.items()}
    cells["tmax_c"] = np.maximum(cells["tmin_c"], cells["tmax_c"])
    return cells


@st.composite
def cells_of(draw, ranges):
    """Cells with difficult values: the ends of every range, and nodata."""
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    values = {
        name: draw(
            hnp.arrays(
                float,
                shape,
                elements=st.floats(*limits) | st.sampled_from([*limits, np.nan]),
                fill=st.nothing(),
            )
        )
        for name, limits in ranges.items()
    }
    values["tmax_c"] = np.maximum(values["tmin_c"], values["tmax_c"])
    return values


# The twin divides by r_a where the kernel multiplies by 1/r_a, and Fu's curve as printed
# cancels: 1 + phi - (1 + phi^w)^(1/w) loses up to eps (1 + phi) P, at most eps (P + PET) mm
# with P + PET < 1e4 mm; times c_w T < 0.2 MJ mm-1 that is 1e-12 x 0.2 x wetness 4.
TWIN = {"rtol": 1e-11, "atol": 1e-11}


@given(cells_of(TRAD), parameters, st.integers(28, 31), st.sampled_from([365, 366]))
def test_trad_agrees_with_the_slow_twin(cells, p, days, year_days):
    def twin(cell, **settings):
        return oracle.trad(*cell.values(), **settings)

    fast = trad(**cells, days=days, year_days=year_days, parameters=p)
    slow = oracle.on_grid(twin, cells, days=days, year_days=year_days, p=p)
    np.testing.assert_allclose(fast.e_bio_mj_m2, slow[0], **TWIN)
    np.testing.assert_allclose(fast.e_ppt_mj_m2, slow[1], **TWIN)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fast_function", "ranges", "slow_function"),
    [(topo, TOPO, oracle.topo), (topo_veg, VEG, oracle.topo_veg)],
)
@given(data=st.data(), p=parameters, days=st.integers(28, 31))
def test_topo_and_topo_veg_agree_with_the_slow_twin(
    fast_function, ranges, slow_function, data, p, days
):
    cells = data.draw(cells_of(ranges))
    fast = fast_function(**cells, days=days, parameters=p)
    solar_days = 28 if days == 29 else days
    slow = oracle.on_grid(
        slow_function, in_radians(cells), days=days, year_days=365, solar_days=solar_days, p=p
    )
    np.testing.assert_allclose(fast.e_bio_mj_m2, slow[0], **TWIN)
    np.testing.assert_allclose(fast.e_ppt_mj_m2, slow[1], **TWIN)


def in_radians(cells):
    """The cells with the angles that the twin takes."""
    angles = {name for name in cells if name.endswith("_deg")}
    turned = {f"{name[:-4]}_rad": np.radians(cells[name]) for name in angles}
    return {name: values for name, values in cells.items() if name not in angles} | turned


@every_variant
def test_nan_in_any_input_is_nan_for_that_cell_alone(variant):
    function, ranges, settings = VARIANTS[variant]
    whole = function(**random_cells(ranges, (4, 5)), **settings)
    for i, name in enumerate(ranges):
        cells = random_cells(ranges, (4, 5))
        at = (i % 4, i % 5)
        cells[name][at] = np.nan
        holed = function(**cells, **settings)
        for term in ("e_bio_mj_m2", "e_ppt_mj_m2", "eemt_mj_m2"):
            expected = getattr(whole, term).copy()
            expected[at] = np.nan
            np.testing.assert_array_equal(getattr(holed, term), expected, err_msg=name)


@every_variant
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_threads_do_not_change_a_bit(variant, dtype):
    function, ranges, settings = VARIANTS[variant]
    cells = random_cells(ranges, (101, 57), dtype=dtype)
    one = function(**cells, **settings, threads=1)
    assert one.e_bio_mj_m2.dtype == one.e_ppt_mj_m2.dtype == dtype
    for threads in (2, 3, 7):
        many = function(**cells, **settings, threads=threads)
        assert many.e_bio_mj_m2.tobytes() == one.e_bio_mj_m2.tobytes()
        assert many.e_ppt_mj_m2.tobytes() == one.e_ppt_mj_m2.tobytes()
        assert many.limited_cells == one.limited_cells


@every_variant
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_cell_has_the_same_bits_wherever_it_lies_in_the_row(variant, dtype):
    # kernels use vectors and a scalar remainder, which must round equally
    function, ranges, settings = VARIANTS[variant]
    cells = random_cells(ranges, (3, 77), dtype=dtype)
    whole = function(**cells, **settings)
    for first in (1, 5, 33, 60, 76):
        part = function(**{name: v[:, first:].copy() for name, v in cells.items()}, **settings)
        np.testing.assert_array_equal(part.e_bio_mj_m2, whole.e_bio_mj_m2[:, first:])
        np.testing.assert_array_equal(part.e_ppt_mj_m2, whole.e_ppt_mj_m2[:, first:])


@every_variant
def test_float32_agrees_with_float64(variant):
    function, ranges, settings = VARIANTS[variant]
    cells = random_cells(ranges, (60, 70), seed=3, dtype=np.float32)
    single = function(**cells, **settings)
    double = function(**{k: v.astype(np.float64) for k, v in cells.items()}, **settings)
    # The surplus P - AET is a difference of numbers up to P = 600 mm that carry a few
    # float32 roundings (6e-8 each, times some 10 where an exponent of 10 magnifies them):
    # 600 x 1e-6 mm, times wetness 4 and c_w T of 0.19 MJ mm-1 is 5e-4 MJ in a term that
    # reaches 400. E_BIO has no difference. TRAD switches at P = PET: no cell of this
    # sample is near enough to it to switch with the precision.
    np.testing.assert_allclose(single.e_bio_mj_m2, double.e_bio_mj_m2, rtol=5e-6, atol=1e-6)
    np.testing.assert_allclose(single.e_ppt_mj_m2, double.e_ppt_mj_m2, rtol=5e-6, atol=5e-4)


@every_variant
def test_a_number_stands_for_a_raster_of_it(variant):
    function, ranges, settings = VARIANTS[variant]
    cells = random_cells(ranges, (3, 4))
    for name in ranges:
        number = float(cells[name][0, 0])
        spread = cells | {name: np.full((3, 4), number)}
        a = function(**cells | {name: number}, **settings)
        b = function(**spread, **settings)
        np.testing.assert_array_equal(a.e_ppt_mj_m2, b.e_ppt_mj_m2, err_msg=name)
        np.testing.assert_array_equal(a.e_bio_mj_m2, b.e_bio_mj_m2, err_msg=name)


@pytest.mark.slow
@every_variant
@given(seed=st.integers(0, 10_000))
def test_neither_term_is_ever_negative_and_frozen_months_carry_no_heat(variant, seed):
    function, ranges, settings = VARIANTS[variant]
    cells = random_cells(ranges, (6, 6), seed=seed)
    month = function(**cells, **settings)
    assert (month.e_bio_mj_m2 >= 0).all()
    assert (month.e_ppt_mj_m2 >= 0).all()
    # with no sun term the cell's temperature is the mean of the extremes
    still = function(**cells, **settings, parameters=EnergyParameters(solar_term_c=0))
    frozen = (cells["tmin_c"] + cells["tmax_c"]) / 2 <= 0
    assert (still.e_ppt_mj_m2[frozen] == 0).all()


@given(seed=st.integers(0, 10_000))
def test_the_southern_hemisphere_is_the_northern_one_mirrored(seed):
    cells = random_cells(TOPO, (6, 5), seed=seed)
    # the map contains the equator, where north- and south-facing slopes change roles
    cells["latitude_deg"][2] = 0.0
    mirrored = {name: values[::-1].copy() for name, values in cells.items()}
    mirrored["latitude_deg"] *= -1
    mirrored["aspect_deg"] = 180.0 - mirrored["aspect_deg"]
    one, other = (topo(**cells, days=30) for cells in (cells, mirrored))
    # cos(180 - x) is off by a rounding
    np.testing.assert_allclose(other.e_bio_mj_m2[::-1], one.e_bio_mj_m2, rtol=1e-12)
    np.testing.assert_array_equal(other.e_ppt_mj_m2[::-1], one.e_ppt_mj_m2)


def test_an_aspect_from_grid_north_is_turned_to_true_north():
    cells = random_cells(TOPO, (4, 5), seed=6)
    climate, sun, others = climate_and_sun(**cells, days=30)
    ground = {name: others[name] for name in ("elevation_m", "slope_deg", "latitude_deg")}
    wetness = others["wetness_ratio"]

    def e_bio(aspect_deg, convergence_deg):
        surface = Surface(**ground, aspect_deg=aspect_deg, convergence_deg=convergence_deg)
        return energy.eemt_topo(climate, sun, surface, wetness_ratio=wetness).e_bio_mj_m2

    true = others["aspect_deg"]
    np.testing.assert_allclose(e_bio(true - 7.0, 7.0), e_bio(true, 0.0), rtol=1e-12)
    assert not np.allclose(e_bio(true - 7.0, 0.0), e_bio(true, 0.0), rtol=1e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shade_and_not_north_has_the_bonus_and_the_equator_none(dtype):
    aspect = np.array([[0.0, 90.0, 180.0]], dtype)  # north, east, south

    def gain(latitude):
        sides = energy.topo_npp(2000.0, 30.0, aspect, latitude_deg=latitude)
        return sides - energy.topo_npp(np.array([[2000.0]], dtype), 0.0, 0.0, latitude_deg=40.0)

    bonus = 346 * 0.5
    # float32: one rounding of some 600 g, twice
    for latitude, sides in ((35.0, [bonus, 0, -bonus]), (-35.0, [-bonus, 0, bonus])):
        np.testing.assert_allclose(gain(latitude)[0], sides, atol=2e-4)
        by_cell = np.full(aspect.shape, latitude, dtype)
        np.testing.assert_array_equal(gain(by_cell), gain(latitude))
    assert not gain(0.0).any()


@given(st.floats(0, 5), st.floats(0.1, 4))
def test_the_heat_of_the_water_scales_with_the_wetness(wetness, k):
    cells = random_cells(TOPO, (3, 3), seed=5)
    one = topo(**cells | {"wetness_ratio": wetness}, days=30)
    other = topo(**cells | {"wetness_ratio": wetness * k}, days=30)
    # below 1e-300 a number in double precision has fewer digits
    np.testing.assert_allclose(other.e_ppt_mj_m2, k * one.e_ppt_mj_m2, rtol=1e-12, atol=1e-300)
    np.testing.assert_array_equal(other.e_bio_mj_m2, one.e_bio_mj_m2)


def test_wetness_of_mean_one_conserves_the_water_of_uniform_rain():
    alpha = np.random.default_rng(2).uniform(0.4, 3.4, (20, 20))
    alpha /= alpha.mean()
    uniform = {name: high / 3 for name, (_, high) in TOPO.items()}
    wet = topo(**uniform | {"wetness_ratio": alpha}, days=30).e_ppt_mj_m2
    even = topo(**uniform | {"wetness_ratio": np.ones((20, 20))}, days=30).e_ppt_mj_m2
    assert even[0, 0] > 0
    np.testing.assert_allclose(wet.mean(), even[0, 0], rtol=1e-12)


@every_variant
def test_a_leap_year_has_a_day_more_to_share(variant):
    function, ranges, settings = VARIANTS[variant]
    cells = random_cells(ranges, (4, 4))
    plain = function(**cells, **settings, year_days=365).e_bio_mj_m2
    leap = function(**cells, **settings, year_days=366).e_bio_mj_m2
    np.testing.assert_allclose(leap * 366, plain * 365, rtol=1e-12)


def test_a_leap_february_has_the_sun_of_28_days_and_the_water_of_29():
    cells = random_cells(TOPO, (3, 3))
    sun = {name: cells[name] / 28 for name in ("solar_topo_wh_m2", "solar_flat_wh_m2")}
    february = topo(**cells, days=29, year_days=366)
    daily = topo(**cells | sun, days=29, year_days=366, solar_days=1)
    np.testing.assert_allclose(february.e_ppt_mj_m2, daily.e_ppt_mj_m2, rtol=1e-11)
    whole = topo(**cells, days=29, year_days=366, solar_days=29)
    assert (february.e_ppt_mj_m2 <= whole.e_ppt_mj_m2).all()
    assert (february.e_ppt_mj_m2 < whole.e_ppt_mj_m2).any()


def test_the_ratio_may_come_from_the_beam_while_the_budget_keeps_the_global_sun():
    cells = random_cells(TOPO, (3, 3), seed=8)
    plain = topo(**cells, days=30)
    ratio = {
        "ratio_topo_wh_m2": cells["solar_topo_wh_m2"] * 0.5,
        "ratio_flat_wh_m2": cells["solar_flat_wh_m2"] * 0.5,
    }
    same = topo(**cells, **ratio, days=30)
    np.testing.assert_allclose(same.e_ppt_mj_m2, plain.e_ppt_mj_m2, rtol=1e-12)
    flat = topo(**cells, ratio_topo_wh_m2=1.0, ratio_flat_wh_m2=1.0, days=30)
    off = topo(**cells, days=30, parameters=EnergyParameters(solar_term_c=0))
    np.testing.assert_array_equal(flat.e_ppt_mj_m2, off.e_ppt_mj_m2)


def test_cells_in_deep_shade_are_counted_and_stay_finite():
    cells = random_cells(TOPO, (4, 4)) | {"solar_flat_wh_m2": 1e5}
    cells["solar_topo_wh_m2"][:] = 9e4
    cells["solar_topo_wh_m2"][1, 1:3] = 0.0
    month = topo(**cells, days=31)
    assert month.limited_cells == 2
    assert np.isfinite(month.eemt_mj_m2).all()
    # polar night: without any sun there is no change of temperature
    night = topo(**cells | {"solar_topo_wh_m2": 0.0, "solar_flat_wh_m2": 0.0}, days=31)
    assert night.limited_cells == 0
    assert np.isfinite(night.eemt_mj_m2).all()


@every_variant
def test_a_wrong_array_is_named_with_both_shapes(variant):
    function, ranges, settings = VARIANTS[variant]
    # the first array of a group sets the shape of the others, so it is one of them that is named
    partner = {"solar_topo_wh_m2": "flat_wh_m2", "lai": "canopy_height_m"}
    partner |= {"elevation_m": "slope_deg"} if variant == "topo" else {}
    for name in list(ranges)[1:]:
        told = partner.get(name, name.replace("solar_flat", "flat"))
        cells = random_cells(ranges, (3, 4)) | {name: np.zeros((4, 3))}
        shapes = r"\([34], [34]\), got shape \([34], [34]\)"
        with pytest.raises(ArgumentError, match=rf"^{told} .*{shapes}"):
            function(**cells, **settings)
        cells[name] = np.zeros((3, 4), np.float32)
        with pytest.raises(ArgumentError, match=f"^{told} must be float.. .* got float"):
            function(**cells, **settings)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"days": 0}, "days must lie in"),
        ({"year_days": 12}, "year_days must lie in"),
        ({"solar_days": -1}, "days must lie in"),
        ({"albedo": "grass"}, "albedo must be a number, got 'grass'"),
        ({"tmin_c": np.nan}, "tmin_c must be finite"),
        ({"tmin_c": np.zeros((2, 2), int)}, "tmin_c must be float32 or float64, got int64"),
        ({"latitude_deg": -138.5}, r"latitude_deg must lie in \[-90, 90\], got -138.5"),
        ({"latitude_deg": 138.5}, r"latitude_deg must lie in \[-90, 90\], got 138.5"),
        ({"slope_deg": 100.0}, r"slope_deg must lie in \[0, 90\], got 100"),
        ({"vapour_pressure_pa": None}, "the climate must have vapour_pressure_pa"),
        ({"ratio_topo_wh_m2": 1.0}, "both ratio_topo_wh_m2 and ratio_flat_wh_m2"),
        ({"tmin_c": 281.0}, r"tmin_c must lie in \[-90, 60\], got 281"),  # kelvins
        ({"vapour_pressure_pa": 0.9}, r"vapour_pressure_pa must lie in \[10, 6000\]"),  # kPa
    ],
)
def test_a_wrong_argument_is_named(change, message):
    arguments = random_cells(TOPO, (2, 2)) | {"days": 31} | change
    with pytest.raises(ArgumentError, match=message):
        topo(**arguments)


@given(parameters)
def test_parameters_survive_json(p):
    assert EnergyParameters.from_dict(json.loads(json.dumps(p.to_dict()))) == p
