"""A request is plain data: the same in Python, in JSON, and by its published schema."""

import json
from dataclasses import replace
from importlib import resources
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy import nan

import eemt_core
from eemt_core import ClusterRequest, EnergyRequest, RunRequest, SolarParameters, estimate
from eemt_core.demo import climate_path
from eemt_core.energy import EnergyParameters
from eemt_core.engines.runtimes.container import image_from_here as image_of
from eemt_core.errors import ArgumentError, InputError, VersionError
from eemt_core.manager import plain, ranges
from eemt_core.manager.field_paths import path_of
from eemt_core.manager.plan.energy import sun_year
from eemt_core.manager.plan.plan import settled_solar

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "request.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(RunRequest.json_schema())
SMALL = RunRequest(Path("dem.tif"), Path("out"))

texts = st.text(max_size=12)
paths = st.text(min_size=1, max_size=12).filter(lambda t: t.strip() and "\0" not in t).map(Path)
numbers = st.floats(-1e6, 1e6)


def in_range(allowed):
    return st.integers(int(allowed.low), int(allowed.high))


def maybe(values):
    return st.none() | values


some_ports = st.integers(1, 65535)
ports = st.just((0, 0)) | st.tuples(some_ports, some_ports).map(lambda p: tuple(sorted(p)))
names = texts.filter(bool)
solars = st.builds(
    SolarParameters,
    days=st.sets(st.integers(1, 365), min_size=1).map(lambda days: tuple(sorted(days))),
    year=maybe(st.integers(1900, 2200)),
    step_minutes=st.floats(1, 60),
    linke=st.just(()) | st.floats(1, 16).map(lambda value: (value,)),
    albedo=st.floats(0, 1),
    mode=st.sampled_from(["exact", "rsun"]),
    shadows=st.booleans(),
    directions=st.integers(8, 720),
    daily=st.booleans(),
)
energies = st.builds(
    EnergyRequest,
    climate=paths,
    climate_elevation=maybe(paths),
    start_year=maybe(in_range(ranges.YEARS)),
    variants=st.lists(st.sampled_from(["trad", "topo", "topo-veg"]), unique=True).map(tuple),
    parameters=st.fixed_dictionaries(
        {},
        optional={
            "fu_w": st.floats(1.01, 10),
            "hamon_form": st.sampled_from(["haith", "dingman"]),
        },
    ),
    lapse_c_per_km=maybe(st.tuples(st.floats(-20, 20), st.floats(-20, 20))),
    solar_ratio=st.sampled_from(["global", "beam"]),
    lai=maybe(paths),
)
found_by = st.just({}) | st.fixed_dictionaries(
    {"project": names, "catalog": st.tuples(texts, in_range(ranges.PORTS))}
)
runtimes = st.fixed_dictionaries(
    {"runtime": st.sampled_from(["installed", "wheel"])}
) | st.fixed_dictionaries({"runtime": st.just("container"), "image": names})
clusters = st.builds(
    lambda found_by, runtime, **rest: ClusterRequest(**found_by, **runtime, **rest),
    found_by=found_by,
    runtime=runtimes,
    ports=ports,
    bind=texts,
    password_file=maybe(paths),
    is_private=st.booleans(),
    keepalive_s=in_range(ranges.SECONDS),
    fewest_workers=st.integers(0, 5),
    most_workers=st.integers(5, 50),
    task_cores=in_range(ranges.TASK_CORES),
    tls=maybe(st.tuples(paths, paths)),
)


def asked(solar, linke, **rest):
    """A request whose turbidity is there: `solar` may leave it to a raster."""
    linke = linke if solar.linke or linke else "auto"
    return RunRequest(solar=solar, linke=linke, **rest)


requests = st.builds(
    asked,
    dem=maybe(paths),
    out=paths,
    solar=solars,
    energy=maybe(energies),
    linke=maybe(st.just("auto") | paths),
    tile_cells=maybe(in_range(ranges.TILE_CELLS)),
    cluster=maybe(clusters),
    retries=maybe(in_range(ranges.RETRIES)),
    elevation_unit=maybe(st.sampled_from(["m", "ft", "us-ft"])),
    nodata=st.lists(numbers).map(tuple),
    instruction_set=st.sampled_from([None, "base", "v3", "v4"]),
    precision=maybe(st.just("full") | in_range(ranges.PRECISION)),
    compress=st.sampled_from(["deflate", "zstd"]),
    averages=st.sampled_from(["vrt", "tif"]),
    pictures=st.booleans(),
    resume=st.booleans(),
    command=texts,
)


@given(requests)
def test_a_request_survives_json_and_fits_the_schema(request):
    data = json.loads(json.dumps(request.to_dict(), allow_nan=False))
    assert RunRequest.from_dict(data) == request
    VALIDATOR.validate(data)


def test_the_published_schema_is_that_of_the_classes():
    VALIDATOR.check_schema(RunRequest.json_schema())
    assert json.loads(SCHEMA_FILE.read_text()) == RunRequest.json_schema()


def test_what_is_left_out_has_its_default():
    assert RunRequest.from_dict({"schema_version": 1, "dem": "dem.tif", "out": "out"}) == SMALL


WRONG = {
    "out": ({"out": None}, "out", "out must be a path, got nothing"),
    "unknown": ({"tile_cell": 64}, "tile_cell", "unknown field 'tile_cell': write tile_cells"),
    "inner": ({"solar": {"albdo": 0.2}}, "solar.albdo", "in solar: write albedo"),
    "range": ({"retries": 101}, "retries", r"retries must lie in \[0, 100\], got 101: it counts"),
    "range of a group": (
        {"solar": {"albedo": 2}},
        "solar.albedo",
        r"solar\.albedo must lie in \[0, 1\], got 2",
    ),
    "type": ({"threads": "2"}, "threads", "threads must be a whole number, got '2'"),
    "no truth": ({"threads": True}, "threads", "threads must be a whole number, got True"),
    "choice": ({"elevation_unit": "yd"}, "elevation_unit", "must be one of m, ft, us-ft, got 'yd'"),
    "list": ({"nodata": 0}, "nodata", "nodata must be a list, got 0"),
    "member": ({"nodata": [0, "x"]}, "nodata[1]", r"nodata\[1\] must be a number, got 'x'"),
    "pair": ({"cluster": {"ports": [1]}}, "cluster.ports", "must be a list of 2"),
    "order": ({"cluster": {"ports": [2, 1]}}, "cluster.ports", "must rise, got 2 to 1"),
    "missing": ({"energy": {}}, "energy.climate", "does not say climate of energy: add it"),
    "parameter": (
        {"energy": {"climate": "c", "parameters": {"fu_w": 99}}},
        "energy.parameters.fu_w",
        r"energy\.parameters\.fu_w must lie in \[1\.01, 10\], got 99",
    ),
    "day": ({"solar": {"days": [1, 366]}}, "solar.days", r"days must lie in \[1, 365\], got 366"),
    "year": (
        {"solar": {"year": 3000}},
        "solar.year",
        r"year must lie in \[1900, 2200\], got 3000",
    ),
    "huge": ({"nodata": [10**400]}, r"nodata[0]", "must be a number, got 1000"),
    "endless": ({"threads": 10**5000}, "threads", "got a number of thousands of digits"),
    "half a character": ({"dem": "\ud800"}, "dem", "dem must be a path"),
    "half a letter": ({"command": "\udc80"}, "command", "command must be text in UTF-8"),
    "no end": ({"nodata": [float("inf")]}, "nodata[0]", "must be a number, got inf"),
    "twice": (
        {"energy": {"climate": "c", "variants": ["topo", "topo"]}},
        "energy.variants",
        "must be a list of different values",
    ),
    "lapse": (
        {"energy": {"climate": "c", "lapse_c_per_km": [6, 65]}},
        "energy.lapse_c_per_km[1]",
        r"must lie in \[-20, 20\], got 65",
    ),
    "no air": ({"solar": {"linke": []}}, "solar.linke", "turbidity of the air is missing: give"),
    "any and others": ({"cluster": {"ports": [0, 5]}}, "cluster.ports", "must not begin at 0"),
    "nobody": ({"cluster": {"is_private": True}}, "cluster.is_private", "none is to start"),
    "no catalog": ({"cluster": {"project": "p"}}, "cluster.catalog", "go together"),
    "no image": ({"cluster": {"runtime": "container"}}, "cluster.image", "needs an image"),
    "stray image": ({"cluster": {"image": "i"}}, "cluster.image", "no other runtime takes one"),
    "both": ({"overwrite": True, "resume": True}, "resume", "overwrite or resume, not both"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_field_is_one_sentence_that_names_it(name):
    changes, field, sentence = WRONG[name]
    with pytest.raises(ArgumentError, match=sentence) as caught:
        RunRequest.from_dict({**SMALL.to_dict(), **changes})
    assert caught.value.field == field
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("version", [None, 0, 2, "1", True])
def test_another_schema_is_refused(version):
    with pytest.raises(VersionError, match="with schema_version 1") as caught:
        RunRequest.from_dict({**SMALL.to_dict(), "schema_version": version})
    assert caught.value.field == "schema_version"


# What the program checks beyond the schema: that fields fit each other, and the order of lists.
BEYOND_THE_SCHEMA = {
    "solar.days", "solar.linke", "cluster.ports", "cluster.fewest_workers", "cluster.is_private",
    "cluster.project", "cluster.catalog", "cluster.image",
}  # fmt: skip
OTHERS = st.sampled_from([
    None, True, -1, 0, 1, 2.0, 1.5, 10**400, 1e308, "", " ", "\0", "x", "auto",
    [], [1], [2, 1], [1, 1], [0, 0], [1e-5] * 12, ["topo"], ["topo", "topo"],
    {}, {"a": 1}, {"climate": "c"},
])  # fmt: skip


def ways(plain_request):
    """The place of every value in a request, groups too."""
    for name, value in plain_request.items():
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, *way) for way in ways(value))


def with_value(plain_request, way, value):
    first, *rest = way
    inner = with_value(plain_request[first], rest, value) if rest else value
    return {**plain_request, first: inner}


@given(requests, st.data())
def test_schema_and_program_take_the_same_requests(request, data):
    plain_request = request.to_dict()
    way = data.draw(st.sampled_from(list(ways(plain_request))))
    changed = with_value(plain_request, way, data.draw(OTHERS))
    refused = None
    try:
        RunRequest.from_dict(changed)
    except (ArgumentError, VersionError) as error:
        refused = error.field
    if VALIDATOR.is_valid(changed):
        assert refused is None or refused in BEYOND_THE_SCHEMA
    else:
        assert refused is not None


SCHEMA = RunRequest.json_schema()["properties"]
BALANCE = SCHEMA["energy"]["anyOf"][0]["properties"]["parameters"]["properties"]
PARTS = {"solar": SCHEMA["solar"]["properties"], "parameters": BALANCE}


def of_number(schema):
    """The schema of the number in a field, alone, in a list, or beside null; None where none is."""
    inner = schema.get("items") or schema.get("anyOf", [schema])[0]
    return inner if inner.get("type") in ("integer", "number") else None


def asked_with(part, name, value):
    value = [value] if "items" in PARTS[part][name] else value
    inner = {name: value}
    if part == "parameters":
        return {**SMALL.to_dict(), "energy": {"climate": "c", "parameters": inner}}
    return {**SMALL.to_dict(), "solar": inner}


@pytest.mark.parametrize(
    ("part", "name"),
    [(part, name) for part, fields in PARTS.items() for name in fields if of_number(fields[name])],
)
def test_every_number_of_sun_and_balance_has_its_range_in_the_schema(part, name):
    schema = of_number(PARTS[part][name])
    low, high = schema["minimum"], schema["maximum"]
    step = 1 if schema["type"] == "integer" else 1e-6 * max(abs(low), abs(high))
    for value in (low, high):
        asked = asked_with(part, name, value)
        VALIDATOR.validate(asked)
        RunRequest.from_dict(asked)
    for value in (low - step, high + step):
        asked = asked_with(part, name, value)
        assert not VALIDATOR.is_valid(asked)
        with pytest.raises(ArgumentError) as caught:
            RunRequest.from_dict(asked)
        assert caught.value.field.endswith(f".{name}")


def test_a_request_built_in_python_is_held_to_the_same():
    tenth = np.float32(0.1)
    solar = SolarParameters(days=range(1, 4), albedo=tenth)
    built = RunRequest("dem.tif", "out", solar=solar, nodata=[tenth], retries=np.int64(2))
    wanted = SolarParameters(days=(1, 2, 3), albedo=float(tenth))
    assert built == replace(SMALL, solar=wanted, nodata=(float(tenth),), retries=2)
    assert RunRequest.from_dict(json.loads(json.dumps(built.to_dict()))) == built
    for wrong in ({"retries": -1}, {"tile_cells": 0}, {"elevation_unit": "yd"}, {"nodata": (nan,)}):
        with pytest.raises(ArgumentError) as caught:
            replace(SMALL, **wrong)
        assert caught.value.field.startswith(next(iter(wrong)))


def test_a_balance_needs_the_whole_year_before_anything_is_opened():
    asked = replace(SMALL, energy=EnergyRequest(Path("c")), solar=SolarParameters(days=(172,)))
    with pytest.raises(ArgumentError, match="whole year of sun") as caught:
        estimate(asked)
    assert caught.value.field == "solar.days"


@pytest.mark.parametrize("name", ["dem", "linke", "twi", "lai", "canopy_height"])
def test_a_file_that_is_not_there_is_told_by_its_field(name, tmp_path):
    absent, demo = tmp_path / "absent.tif", replace(SMALL, dem=None)
    if name in ("lai", "canopy_height"):
        asked = replace(demo, energy=EnergyRequest(climate_path(), **{name: absent}))
    else:
        asked = replace(demo, **{name: absent})
    with pytest.raises(InputError) as caught:
        estimate(asked)
    path = f"energy.{name}" if name in ("lai", "canopy_height") else name
    assert (caught.value.field, caught.value.value) == (path, absent)


def fields_of_the_schema(schema, path=""):
    for name, inner in schema["properties"].items():
        yield f"{path}{name}"
        for group in (inner, *inner.get("anyOf", ())):
            if "properties" in group:
                yield from fields_of_the_schema(group, f"{path}{name}.")


def test_a_field_is_told_by_a_path_that_the_request_has():
    paths = set(fields_of_the_schema(RunRequest.json_schema()))
    assert {"energy.parameters.fu_w", "solar.days", "cluster.tls", "out"} <= paths
    for path in paths:
        assert path_of(path) == path
        assert path_of(path.rsplit(".", 1)[-1]) in paths
    assert path_of("") == ""
    assert path_of("days") == "solar.days"


def test_an_images_file_is_found_from_other_folders_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert image_of("eemt.sif") == str(tmp_path / "eemt.sif")
    assert image_of("docker://lab/eemt.sif") == "docker://lab/eemt.sif"
    assert image_of("") == ""


def test_the_schema_has_the_choices_of_the_sun():
    assert SCHEMA["solar"]["properties"]["mode"] == {"enum": ["exact", "rsun"]}


def test_a_passwords_content_never_enters_a_request(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("swordfish")
    asked = replace(SMALL, cluster=ClusterRequest(password_file=secret))
    text = json.dumps(asked.to_dict())
    assert str(secret) in text
    assert "swordfish" not in text


def test_every_choice_of_the_balance_can_be_asked_for():
    everything = EnergyParameters().to_dict()
    asked = replace(SMALL, energy=EnergyRequest(Path("c"), parameters=everything))
    assert RunRequest.from_dict(asked.to_dict()) == asked
    VALIDATOR.validate(asked.to_dict())


def test_the_package_offers_what_a_notebook_needs():
    assert {"run", "RunRequest", "EnergyRequest", "ClusterRequest"} <= set(dir(eemt_core))
    assert eemt_core.run.__doc__
    assert plain.to_plain(SMALL)["dem"] == "dem.tif"


def test_a_sun_s_year_that_is_given_counts_and_else_the_default():
    asked = RunRequest(dem="dem.tif", out="out", solar=SolarParameters(year=2015))
    assert settled_solar(asked).year == 2015
    assert settled_solar(SMALL).year == SolarParameters().sun_year


@pytest.mark.parametrize(("label", "year"), [("1851-1880", 1900), ("1971-2000", 1985)])
def test_normals_of_a_time_without_a_sun_have_the_nearest_one(label, year, tmp_path):
    table = resources.files("eemt_core").joinpath("data/allardt.toml").read_text()
    path = tmp_path / "station.toml"
    path.write_text(table.replace("1971-2000", label))
    assert sun_year(EnergyRequest(climate=path)) == year
