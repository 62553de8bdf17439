"""Every map of a run knows the series it belongs to and its place in it."""

from collections import defaultdict

import pytest

from eemt_core.manager.maps.names import all_maps
from eemt_core.solar._parameters import SolarParameters

YEARS = ("1980", "1981")


@pytest.fixture(params=[tuple(range(1, 366)), (172,)], ids=["year", "day"])
def series(request):
    solar = SolarParameters(days=request.param, step_minutes=60.0, daily=True)
    variants = ("trad", "topo", "topo-veg")
    found = defaultdict(list)
    for spec in all_maps(solar, wetness=True, variants=variants, years=YEARS, averages="vrt"):
        found[spec.series.id].append(spec)
    return found


def test_maps_of_a_series_have_one_unit_and_one_description_of_the_series(series):
    for maps in series.values():
        assert len({spec.unit for spec in maps}) == 1
        assert len({spec.series for spec in maps}) == 1


def test_labels_tell_the_maps_of_a_series_apart(series):
    for maps in series.values():
        assert len({spec.label for spec in maps}) == len(maps)
        assert len({(spec.year, spec.month, spec.day) for spec in maps}) == len(maps)


def test_labels_tell_series_apart(series):
    assert len({maps[0].series.label for maps in series.values()}) == len(series)


def test_a_series_has_what_its_kind_says(series):
    for maps in series.values():
        kind = maps[0].series.kind
        assert all((spec.day is not None) == (kind == "daily") for spec in maps)
        assert all((spec.month is not None) == (kind in ("monthly", "daily")) for spec in maps)
        assert kind != "single" or len(maps) == 1


def test_variants_have_the_same_series(series):
    ids = {
        variant: {
            name.replace(variant.replace("-", "_"), "*")
            for name, maps in series.items()
            if maps[0].series.variant == variant
        }
        for variant in ("trad", "topo", "topo-veg")
    }
    assert ids["trad"] == ids["topo"] == ids["topo-veg"] != set()
