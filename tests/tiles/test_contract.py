"""The files of a task's folder: read exactly as written, and no field is unused."""

import math
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decoded import result_array
from eemt_core.blocks.codec import Codec
from eemt_core.blocks.layers import Piece
from eemt_core.blocks.pyramid import Pyramid
from eemt_core.climate import ClimateCut, LapseRates
from eemt_core.energy import EnergyParameters
from eemt_core.errors import ArgumentError
from eemt_core.files import xxh3_file
from eemt_core.grids.grid import Lattice
from eemt_core.grids.tiling import Window
from eemt_core.solar._parameters import SolarParameters
from eemt_core.terrain import FarLevel
from eemt_core.tiles import compute, contract
from eemt_core.tiles.array_file import StoredArray
from eemt_core.tiles.result import Account, EncodedResult, ResultArray, TaskResult
from eemt_core.tiles.task import Encoding, EnergyWork, Task, TileWork, WetnessWork
from eemt_core.tiles.whole_dem import write_whole_dem
from runs import mountains
from tile_tasks import (
    CELL_M,
    CORE,
    PRINTS,
    SIZE,
    USUAL,
    climate,
    flat,
    tile_task,
)  # fmt: skip

# ------------------------------------------------------------------------- round trips

names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)
real = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(0.01, 1e4)
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
prints = st.fixed_dictionaries(dict.fromkeys(PRINTS, hashes))
windows = st.builds(Window, *[st.integers(0, 10**6)] * 2, *[st.integers(1, 10**4)] * 2)
lapse_rate = st.floats(-20, 20)
lapse_rates = lapse_rate | st.tuples(*[lapse_rate] * 12)
turbidity = st.floats(1, 16)
solar_choices = st.builds(
    SolarParameters,
    days=st.sets(st.integers(1, 365), min_size=1, max_size=20).map(lambda days: (*sorted(days),)),
    year=st.integers(1950, 2100),
    step_minutes=st.floats(1, 60),
    linke=st.just(()) | st.tuples(turbidity) | st.tuples(*[turbidity] * 12),
    albedo=st.floats(0, 1),
    mode=st.sampled_from(["exact", "rsun"]),
    shadows=st.booleans(),
    directions=st.integers(8, 720),
    daily=st.booleans(),
)
energy_works = st.builds(
    EnergyWork,
    variants=st.lists(st.sampled_from(["trad", "topo", "topo-veg"]), unique=True).map(tuple),
    parameters=st.builds(
        EnergyParameters,
        fu_w=st.floats(1.01, 10),
        hamon_form=st.sampled_from(["haith", "dingman"]),
    ),
    lapse=st.builds(LapseRates, lapse_rates, lapse_rates),
    solar_ratio=st.sampled_from(["global", "beam"]),
    mean_wetness=st.none() | positive,
)
tile_works = st.builds(
    TileWork,
    core=windows,
    halo=windows,
    cell_size_m=st.tuples(positive, positive),
    longitude_deg=st.floats(-180, 180),
    rsun_north_rad=st.none() | st.floats(-math.pi, math.pi),
    solar=solar_choices,
    energy=st.none() | energy_works,
)
counts = st.integers(1, 10**6)
pieces = st.builds(
    Piece,
    *[counts] * 4,
    st.builds(Pyramid, counts, counts, st.sampled_from([64, 512]), st.booleans()),
    st.integers(1, 10),
)
codecs = st.builds(Codec, st.sampled_from(["deflate", "zstd"]), st.integers(6, 23))
encodings = st.builds(
    Encoding,
    pieces,
    codecs,
    st.dictionaries(names, positive, max_size=3),
    st.lists(names, max_size=2).map(tuple),
)
tasks = st.builds(
    Task,
    name=names,
    work=tile_works | st.builds(WetnessWork, st.tuples(positive, positive)),
    inputs=st.dictionaries(names, hashes, max_size=8),
    outputs=st.lists(names, max_size=8).map(tuple),
    cores=st.integers(1, 1000),
    memory_mb=st.integers(1, 10**9),
    instruction_set=names,
    fingerprint=prints,
    encoding=st.none() | encodings,
)
shapes = st.lists(st.integers(1, 10**5), min_size=2, max_size=3).map(tuple)
results = st.builds(
    TaskResult,
    name=names,
    fingerprint=prints,
    arrays=st.dictionaries(
        names,
        st.builds(
            ResultArray,
            st.builds(StoredArray, st.just(contract.ARRAYS_FILE), st.integers(0, 2**60), shapes),
            hashes,
        ),
        max_size=8,
    ),
    account=st.builds(
        Account,
        seconds=st.dictionaries(names, st.floats(0, 1e9), max_size=8),
        statistics=st.dictionaries(names, real, max_size=8),
        peak_memory_mb=st.integers(0, 10**9),
        host=st.text(st.characters(categories=["L", "N", "P"]), max_size=255),
        instruction_set=names,
    ),
    encoded=st.none()
    | st.builds(
        EncodedResult,
        st.integers(1, 2**61),
        hashes.map(lambda digits: digits[:32]),
        st.dictionaries(names, st.none() | counts, min_size=1, max_size=8),
    ),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("folder")


@given(task=tasks)
def test_a_task_is_read_as_it_was_written(place, task):
    contract.write_task(place, task)
    assert contract.read_task(place) == task


@given(result=results)
def test_a_result_is_read_as_it_was_written(place, result):
    contract.write_result(place, result)
    wanted = {"fingerprint": result.fingerprint, "arrays": result.arrays}
    wanted["encoded"] = result.encoded.layers if result.encoded else ()
    assert contract.read_result(place, name=result.name, **wanted) == result


@given(
    sentence=st.text(st.characters(exclude_categories=["C", "Z"]), max_size=1000),
    lack=st.sampled_from(["", "memory", "disk"]),
)
def test_a_failure_is_read_as_it_was_written(place, sentence, lack):
    contract.write_error(place, sentence, lack)
    assert contract.read_error(place) == (sentence, lack)


def grids(rows, cols, seed):
    values = np.random.default_rng(seed).normal(size=(rows, cols)).astype(np.float32)
    values[values > 2] = np.nan
    return values


def assert_same(one, other):
    """Both are the same data, arrays bit by bit."""
    assert type(one) is type(other)
    if is_dataclass(one):
        for field in fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, np.ndarray):
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key, value in one.items():
            assert_same(value, other[key])
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            assert_same(left, right)
    else:
        assert one == other


lattices = st.builds(
    lambda shape, spacing, seed, window: Lattice.sample(
        shape, spacing, lambda row, col: np.sin(row + seed) + col
    ).cut(*window),
    shape=st.tuples(*[st.integers(40, 300)] * 2),
    spacing=st.integers(1, 64),
    seed=real.filter(lambda number: abs(number) < 1e6),
    window=st.tuples(*[st.integers(0, 20)] * 2, *[st.integers(1, 20)] * 2),
)
seeds = st.integers(0, 2**32)
edges = st.integers(1, 12)
far_levels = st.builds(
    lambda rows, cols, seed, x, y, east, south: FarLevel(
        grids(rows, cols, seed), (x, y), east, south
    ),
    edges, edges, seeds, positive, positive, real, real,
)  # fmt: skip


def written(folder, name):
    """Return what is told of an input file that was written: its name and checksum."""
    return name, xxh3_file(folder / name)


@given(rows=edges, cols=edges, seed=seeds, name=st.sampled_from(contract.LAYERS))
def test_rasters_are_read_as_they_were_written(place, rows, cols, seed, name):
    values = grids(rows, cols, seed)
    assert contract.write_dem(place, values) == written(place, contract.DEM_FILE)
    assert_same(contract.read_dem(place), values)
    monthly = np.stack([values] * 12)
    assert contract.write_layer(place, name, monthly) == written(place, f"{name}.arrays")
    assert_same(contract.read_layer(place, name), monthly)


@given(latitude=lattices, convergence=lattices)
def test_the_geometry_is_read_as_it_was_written(place, latitude, convergence):
    told = contract.write_geometry(place, latitude, convergence)
    assert told == written(place, contract.GEOMETRY_FILE)
    assert_same(contract.read_geometry(place), (latitude, convergence))


@given(levels=st.lists(far_levels, max_size=12))
def test_the_far_field_is_read_as_it_was_written(place, levels):
    told = contract.write_far_field(place, levels)
    assert told == written(place, contract.FAR_FILE)
    assert_same(contract.read_far_field(place), levels)


@given(
    periods=st.lists(st.integers(1900, 2100) | st.just("1971-2000"), min_size=1, max_size=3),
    shape=st.tuples(edges, edges),
    lattice=st.none() | lattices,
)
def test_the_climate_is_read_as_it_was_written(place, periods, shape, lattice):
    cut = climate((*periods,), shape=shape, lattice=lattice)
    told = contract.write_climate(place, cut.to_arrays())
    assert told == written(place, contract.CLIMATE_FILE)
    assert_same(ClimateCut.from_arrays(contract.read_climate(place)), cut)


# ------------------------------------------------- everything that is written is read


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """The cells that the usual inputs give."""
    folder = tmp_path_factory.mktemp("usual") / "tile"
    tile_task(folder)
    compute.run(folder)
    return (folder / contract.BLOCKS_FILE).read_bytes()


def warmer(name):
    cut = climate()
    return replace(cut, values={**cut.values, name: cut.values[name] * np.float32(1.1)})


@pytest.mark.parametrize(
    "other",
    [
        {"dem": mountains((SIZE, SIZE), seed=6)},
        {"latitude": flat(0.7)},
        {"convergence": flat(0.3)},
        {"far": []},
        {"far": [FarLevel(np.full((24, 24), 900, np.float32), (80.0, 48.0), -480.0, -480.0)]},
        {"far": [FarLevel(np.full((24, 24), 900, np.float32), (40.0, 48.0), 900.0, -480.0)]},
        {"far": [FarLevel(np.full((24, 24), 900, np.float32), (40.0, 48.0), -480.0, 900.0)]},
        *({"climate": warmer(name)} for name in climate().values),
        {"climate": replace(climate(), reference_m=np.full((1, 1), 800, np.float32))},
        {"linke": np.full((SIZE, SIZE), 5, np.float32)},
        {"twi": np.full(CORE.shape, 7, np.float32)},
        {"lai": np.full(CORE.shape, 4, np.float32)},
        {"canopy_height": np.full(CORE.shape, 20, np.float32)},
    ],
    ids=lambda other: next(iter(other)),
)
def test_every_input_changes_a_result(usual, tmp_path, other):
    tile_task(tmp_path / "tile", **other)
    compute.run(tmp_path / "tile")
    assert (tmp_path / "tile" / contract.BLOCKS_FILE).read_bytes() != usual


def watched(value, read):
    """The same data, recording in `read` which of its fields are used."""
    if not is_dataclass(value):
        return value
    kind = type(value)
    own = {field.name for field in fields(kind)}

    class Watched(kind):
        def __getattribute__(self, name):
            if name in own:
                read.add((kind.__name__, name))
            return super().__getattribute__(name)

    copy = object.__new__(Watched)
    for name in own:
        object.__setattr__(copy, name, watched(getattr(value, name), read))
    return copy


def fields_of(value):
    """All fields of data and of the data in it."""
    for field in fields(value):
        yield type(value).__name__, field.name
        inner = getattr(value, field.name)
        if is_dataclass(inner):
            yield from fields_of(inner)


def test_every_field_of_a_task_is_read(tmp_path):
    read, written = set(), set()
    for mode in ("exact", "rsun"):
        folder = tmp_path / mode
        # a climate without wind uses the wind of the parameters
        usual = climate()
        still = {name: usual.values[name] for name in usual.values if name != "wind_m_s"}
        task = watched(tile_task(folder, mode, climate=replace(usual, values=still)), read)
        contract.check_inputs(folder, task)
        contract.write_result(folder, compute.carry_out(folder, task))
        assert np.isfinite(result_array(folder, "eemt_topo")).all()
        written |= set(fields_of(contract.read_task(folder)))
    # memory_mb is used by the worker's process, not here (test_local, test_runtimes)
    assert written - read == {("Task", "memory_mb"), ("Task", "shared")}


def test_the_wetness_index_tells_its_mean_and_ends(tmp_path):
    elevation_m = mountains((60, 70))
    elevation_m[20:24, 30:40] = np.nan
    name = write_whole_dem(tmp_path, (60, 70), lambda row, rows: elevation_m[row : row + rows])
    files = {name: xxh3_file(tmp_path / name)}
    task = Task("wetness", WetnessWork(CELL_M), files, ("twi",), 1, 500, USUAL)
    contract.write_task(tmp_path, task)
    compute.run(tmp_path)
    wetness = result_array(tmp_path, "twi").astype(float)
    assert wetness.shape == (60, 70)
    told = contract.read_result(tmp_path, name="wetness", fingerprint={}, arrays=["twi"]).account
    valid = wetness[~np.isnan(wetness)]
    assert told.statistics == {
        "mean": pytest.approx(valid.mean(), rel=1e-12),
        "minimum": valid.min(),
        "maximum": valid.max(),
    }


@pytest.mark.parametrize("field", [f.name for f in fields(Task) if f.name != "fingerprint"])
def test_a_task_that_lacks_a_field_is_none(tmp_path, field):
    tile_task(tmp_path / "tile")
    path = tmp_path / "tile" / contract.TASK_FILE
    raw = contract.read_json(path)
    del raw["parameters" if field == "work" else field]
    contract.write_json(path, raw)
    with pytest.raises(ArgumentError, match="is not a task"):
        contract.read_task(tmp_path / "tile")
