"""Called with arrays of any shape, a kernel computes or raises; it never reads outside them.

Functions and arguments are taken from the stubs, so a new kernel is tested without a change here.
Only for an argument of a new kind right and wrong shapes must be added below.
"""

import ast
import contextlib
import re
from pathlib import Path

import numpy as np
import pytest

import eemt_core
from eemt_core import _core

STUBS = Path(eemt_core.__file__).parent / "_core"
FAMILIES = ("terrain", "solar", "water", "energy", "blocks")
ROWS, COLS, PLANES, DAYS = 5, 7, 4, 3
LIKE = "(5, 7)"

# Arrays whose annotation does not say what they hold: dtype (None: that of the grids), right
# shape, and wrong shapes with what the sentence must say is expected.
PLANE_STACK = (
    (PLANES, ROWS, COLS),
    [(ROWS, COLS), (0, ROWS, COLS), (PLANES, ROWS + 1, COLS), (PLANES, ROWS, COLS - 1), (1, 1, 1)],
)
SPECIAL = {
    "horizon": (np.int16, *PLANE_STACK, "(directions, 5, 7)"),
    "linke_maps": (None, *PLANE_STACK, "(maps, 5, 7)"),
    "days": (
        np.float64,
        (DAYS, 8),
        [(8,), (DAYS, 7), (DAYS, 9), (0, 8), (1, DAYS, 8)],
        "(days, 8)",
    ),
    "julian_days_ut": (np.float64, (2,), [(), (1, 2)], "(times,)"),
    "planes": (
        np.uint8,
        (ROWS, 4 * COLS),
        [(), (ROWS,), (1, ROWS, 4 * COLS), (ROWS, 4 * COLS - 1), (0, 4)],
        "(rows, 4 * cols)",
    ),
}
NO_GRIDS = [(), (ROWS,), (1, ROWS, COLS), (0, COLS), (ROWS, 0)]
OTHER_GRIDS = [(ROWS + 1, COLS), (ROWS, COLS - 1), (COLS, ROWS), (1, COLS)]
BROADCAST = ("latitude_rad", "declination_rad")

# Arguments that are not arrays.
NUMBERS = {
    "above_bits": 7,
    "albedo": 0.2,
    "anchor": (0, 0),
    "bits": 10,
    "block": 32,
    "cell_x_m": 30.0,
    "cell_y_m": 20.0,
    "circular": False,
    "col0": 0,
    "curvature": True,
    "day": 21,
    "day_of_year": 172,
    "directions": PLANES,
    "edge": 64,
    "factor": 2.0,
    "groups": 1,
    "hours_ut": 12.0,
    "latitude_rad": 0.7,
    "longitude_rad": 0.1,
    "min_gradient": 1e-3,
    "month": 6,
    "plain": bytes(4 * ROWS * COLS),
    "refraction": True,
    "row0": 0,
    "rsun": False,
    "scale": 100,
    "solar_days": 30.0,
    "span": _core.energy.MonthSpan(days=30.0, year_days=365.0, solar_days=30.0),
    "step_hours": 1.0,
    "tetens": True,
    "threads": 1,
    "window": (1, 2, 3, 4),
    "year": 2020,
}


def functions():
    for family in FAMILIES:
        for node in ast.parse((STUBS / f"{family}.pyi").read_text()).body:
            if isinstance(node, ast.FunctionDef):
                arguments = [*node.args.args, *node.args.kwonlyargs]
                yield family, node.name, {a.arg: ast.unparse(a.annotation) for a in arguments}


FUNCTIONS = list(functions())


def arguments_of(function):
    return next(arguments for _, name, arguments in FUNCTIONS if name == function)


def is_array(annotation):
    return any(word in annotation for word in ("NDArray", "_Grid", "ArrayLike"))


def arrays_of(arguments):
    return [name for name, annotation in arguments.items() if is_array(annotation)]


def called(family, function, arguments):
    return getattr(getattr(_core, family), function)(**arguments)


def parameters():
    """Parameters of the energy balance, all of which must be set (not NaN)."""
    chosen = _core.energy.Parameters()
    for name in dir(chosen):
        if not name.startswith("_") and isinstance(getattr(chosen, name), float):
            setattr(chosen, name, 1.0)
    return chosen


def array(name, annotation, dtype, shape=None):
    """An array of the one dtype that the stub names, or of `dtype` where kernels take several."""
    kind, right, *_ = SPECIAL.get(name, (None, (ROWS, COLS)))
    only = re.fullmatch(r"NDArray\[np\.(\w+)\]", annotation)
    return np.full(right if shape is None else shape, 0.0, kind or (only[1] if only else dtype))


def far_level(elevation):
    return (elevation, 90.0, 90.0, -200.0, -300.0)


def right_arguments(arguments, dtype):
    """Arguments with which the call succeeds."""
    chosen = {}
    for name, annotation in arguments.items():
        if name == "far_field":
            chosen[name] = [far_level(array(name, annotation, dtype))] * 2
        elif is_array(annotation):
            chosen[name] = array(name, annotation, dtype)
        elif name == "parameters":
            chosen[name] = parameters()
        else:
            assert name in NUMBERS, f"give NUMBERS a value for the new argument {name}"
            chosen[name] = NUMBERS[name]
    return chosen


def wrong_shapes(family, names, name, annotation):
    """Shapes of an argument that do not fit the others', each with what is expected."""
    if "ArrayLike" in annotation:
        return [((ROWS, COLS + 1), LIKE)] if name == BROADCAST[1] else []
    if name in SPECIAL:
        _, _, shapes, expected = SPECIAL[name]
        return [(shape, expected) for shape in shapes]
    grids = [n for n in names if n not in SPECIAL]
    if name in ("far_field", grids[0]):
        return [(shape, "(rows, cols)") for shape in NO_GRIDS]
    # the energy balance first checks that a field is two-dimensional
    no_grid = "(rows, cols)" if family == "energy" else LIKE
    return [(shape, no_grid) for shape in NO_GRIDS] + [(shape, LIKE) for shape in OTHER_GRIDS]


WRONG_CALLS = [
    pytest.param(family, function, name, *case, id=f"{family}.{function}-{name}-{case[0]}")
    for family, function, arguments in FUNCTIONS
    for name in arrays_of(arguments)
    for case in wrong_shapes(family, arrays_of(arguments), name, arguments[name])
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("family", "function", "arguments"), FUNCTIONS)
def test_the_right_shapes_are_computed(family, function, arguments, dtype):
    called(family, function, right_arguments(arguments, dtype))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("family", "function", "name", "shape", "expected"), WRONG_CALLS)
def test_a_wrong_shape_is_named(family, function, name, shape, expected, dtype):
    arguments = arguments_of(function)
    call = right_arguments(arguments, dtype)
    wrong = array(name, arguments[name], dtype, shape)
    call[name] = [call[name][0], far_level(wrong)] if name == "far_field" else wrong
    said = "far_field[1]" if name == "far_field" else name
    with pytest.raises(ValueError, match=rf"^{re.escape(said)} must have shape ") as raised:
        called(family, function, call)
    wanted, got = str(raised.value).split(", got shape ")
    assert expected in wanted
    assert got == str(shape)


@pytest.mark.parametrize(("family", "function", "arguments"), FUNCTIONS)
def test_another_type_of_number_is_refused(family, function, arguments):
    """An array of another dtype is refused, not converted; a sequence of times may be converted."""
    for name in arrays_of(arguments):
        if name in {*BROADCAST, "julian_days_ut"} and "_Float" not in arguments[name]:
            continue
        call = right_arguments(arguments, np.float32)
        wrong = np.zeros(array(name, arguments[name], np.float32).shape, np.int32)
        call[name] = [far_level(wrong)] if name == "far_field" else wrong
        with pytest.raises(TypeError):
            called(family, function, call)


def irradiation(**changes):
    right = right_arguments(arguments_of("irradiation"), np.float32)
    return _core.solar.irradiation(**{**right, **changes})


COLUMNS = {"group": 3, "map a": 5, "map b": 6}


@pytest.mark.parametrize("value", [-1.0, 0.5, 1e300, float("nan"), float("inf")])
@pytest.mark.parametrize("column", range(8))
def test_a_day_that_names_what_is_not_there_is_refused(column, value):
    days = np.zeros((DAYS, 8))
    days[1, column] = value
    if np.isfinite(value) and column not in COLUMNS.values():
        irradiation(days=days)
        return
    with pytest.raises(ValueError, match=r"^days.* got "):
        irradiation(days=days)


@pytest.mark.parametrize("column", COLUMNS.values(), ids=list(COLUMNS))
def test_the_first_group_or_map_that_is_not_there_is_refused(column):
    days = np.zeros((DAYS, 8))
    days[2, column] = {3: 1, 5: PLANES, 6: PLANES}[column]
    with pytest.raises(ValueError, match=r"^days\[2\] must name a .* from 0 to"):
        irradiation(days=days)


def test_groups_rise():
    days = np.zeros((DAYS, 8))
    days[:, 3] = 0, 1, 0
    with pytest.raises(ValueError, match="days must have rising groups, got group 0 after group 1"):
        irradiation(days=days, groups=2)


@pytest.mark.parametrize("block", [0, -3, 10**7])
def test_a_block_has_an_edge_of_some_cells(block):
    with pytest.raises(ValueError, match=f"block must lie in .*, got {block}"):
        irradiation(block=block)


@pytest.mark.parametrize("hours", [0.0, -1.0, 1e-12, 25.0, float("nan")])
def test_a_step_takes_time(hours):
    with pytest.raises(ValueError, match="step_hours must lie in "):
        irradiation(step_hours=hours)


@pytest.mark.parametrize(
    "window", [(-1, 0, 2, 2), (0, 0, ROWS + 1, 1), (4, 0, 2, 1), (0, 0, 0, 1), (1, 1, 2**63 - 1, 1)]
)
def test_a_window_lies_within_its_raster(window):
    arguments = right_arguments(arguments_of("horizon_map"), np.float32)
    with pytest.raises(ValueError, match=re.escape(f"got {window}")):
        _core.terrain.horizon_map(**{**arguments, "window": window})


@pytest.mark.parametrize("edge", [0.0, -30.0, float("nan"), float("inf")])
def test_a_cell_has_edges(edge):
    for family, function, arguments in FUNCTIONS:
        for name in ("cell_x_m", "cell_y_m"):
            if name not in arguments:
                continue
            call = {**right_arguments(arguments, np.float32), name: edge}
            with pytest.raises(ValueError, match=f"^{name} must be a length above 0, got"):
                called(family, function, call)


def test_a_direction_beyond_the_circle_is_refused():
    directions = np.full((ROWS, COLS), -1.0)
    for wrong in (2 * np.pi, 100.0, 1e300):
        directions[2, 3] = wrong
        with pytest.raises(ValueError, match="direction_rad must lie below 2 pi, got"):
            _core.water.specific_catchment_area(directions, cell_x_m=1.0, cell_y_m=1.0)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 1e30, -1e30, 1e-30])
@pytest.mark.parametrize(("family", "function", "arguments"), FUNCTIONS)
def test_no_value_leads_beyond_an_array(family, function, arguments, value):
    """Right shapes with a senseless value: any result or error is accepted, but no crash."""
    for name in arrays_of(arguments):
        for dtype in (np.float32, np.float64):
            for cells in (slice(1, 2), slice(None)):
                odd = array(name, arguments[name], dtype)
                if odd.dtype.kind in "iu":  # all of whose values are horizons, counts or bytes
                    continue
                odd.reshape(-1)[cells] = value
                call = right_arguments(arguments, dtype)
                call[name] = [far_level(odd)] if name == "far_field" else odd
                with contextlib.suppress(ValueError):
                    called(family, function, call)
