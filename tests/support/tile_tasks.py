"""The folder of a task that needs every input: all variants of EEMT, a far field, all rasters."""

import numpy as np

from eemt_core import instruction_set
from eemt_core.blocks.codec import Codec
from eemt_core.blocks.layers import Piece
from eemt_core.blocks.pyramid import Pyramid
from eemt_core.climate import ClimateCut, LapseRates
from eemt_core.energy import EnergyParameters
from eemt_core.grids.grid import Lattice
from eemt_core.grids.tiling import Window
from eemt_core.solar._parameters import SolarParameters
from eemt_core.terrain import FarLevel
from eemt_core.tiles import contract
from eemt_core.tiles.task import Encoding, EnergyWork, Task, TileWork
from runs import mountains

SIZE = 96
CORE, HALO = Window(16, 8, 64, 64), Window(0, 0, SIZE, SIZE)
CELL_M = (10.0, 12.0)
MONTHLY = (15, 46, 74, 105, 135, 166, 196, 227, 258, 288, 319, 349)
PRINTS = {"parameters": "a" * 64, "code": "b" * 64, "inputs": "c" * 64}
USUAL = instruction_set.chosen(None)
# of a map that needs an overview, whose blocks the tile does not hold whole
PIECE = Piece(64, 128, 64, 64, Pyramid(700, 300, 64), 1)
ENCODING = Encoding(PIECE, Codec(bits=23), {"aspect": 57.29577951308232}, ("aspect",))


def climate(periods=(2010,), *, shape=(1, 1), lattice=None):
    variables = {"tmin_c": 2, "tmax_c": 14, "prcp_mm": 80, "vapour_pressure_pa": 900, "wind_m_s": 2}
    full = (len(periods), 12, *shape)
    return ClimateCut(
        periods=periods,
        days=((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),) * len(periods),
        values={name: np.full(full, number, np.float32) for name, number in variables.items()},
        reference_m=np.full(shape, 300, np.float32),
        weight=np.ones(shape, np.float32),
        row=lattice,
        col=lattice,
    )


def flat(value):
    return Lattice.sample((SIZE, SIZE), 32, lambda row, col: np.full(row.shape, value))


def inputs(**changes):
    """Inputs of a tile with all variants of EEMT; `changes` replace some of them."""
    core = CORE.shape
    far = np.full((24, 24), 900, np.float32)
    usual = {
        "dem": mountains((SIZE, SIZE)),
        "latitude": flat(0.6),
        "convergence": flat(0.1),
        "far": [FarLevel(far, (40.0, 48.0), -480.0, -480.0)],
        "climate": climate(),
        "linke": np.full((SIZE, SIZE), 3, np.float32),
        "twi": np.full(core, 6, np.float32),
        "lai": np.full(core, 2, np.float32),
        "canopy_height": np.full(core, 10, np.float32),
    }
    return {**usual, **changes}


def tile_task(folder, mode="exact", level=USUAL, **changes):
    """Write the folder of a tile that needs every input; return its task."""
    folder.mkdir()
    data = inputs(**changes)
    written = [
        contract.write_dem(folder, data["dem"]),
        contract.write_geometry(folder, data["latitude"], data["convergence"]),
        contract.write_far_field(folder, data["far"]),
        contract.write_climate(folder, data["climate"].to_arrays()),
        *(contract.write_layer(folder, name, data[name]) for name in contract.LAYERS),
    ]
    variants = ("eemt_trad", "eemt_topo", "eemt_topo_veg")
    outputs = ("total", "annual_hours", "sky_view", "aspect", *variants)
    task = Task(
        name="tile-000000",
        work=TileWork(
            core=CORE,
            halo=HALO,
            cell_size_m=CELL_M,
            longitude_deg=10.0,
            rsun_north_rad=0.0 if mode == "rsun" else None,
            solar=SolarParameters(days=MONTHLY, linke=(), step_minutes=60.0, mode=mode),
            energy=EnergyWork(
                ("trad", "topo", "topo-veg"), EnergyParameters(), LapseRates(), "global", 5.0
            ),
        ),
        inputs=dict(written),
        outputs=(*outputs, *(f"{variant}_yearly" for variant in variants)),
        cores=1,
        memory_mb=500,
        instruction_set=level,
        fingerprint=PRINTS,
        encoding=ENCODING,
    )
    contract.write_task(folder, task)
    return task
