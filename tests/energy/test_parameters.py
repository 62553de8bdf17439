"""Parameters of the energy balance: refused values, and transfer to the kernels."""

import numpy as np
import pytest

from eemt_core.energy import EnergyParameters
from eemt_core.energy._kernel_parameters import for_kernel
from eemt_core.errors import ArgumentError


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"lapse": 6.5}, "unknown energy parameter 'lapse'; the known ones are water_heat"),
        ({"albedo": 20}, r"albedo must lie in \[0, 1\], got 20"),
        ({"hamon_form": "thornthwaite"}, "hamon_form must be one of .*haith.*dingman"),
        ({"fu_w": None}, "fu_w must be a number, got None"),
    ],
)
def test_a_wrong_parameter_is_named(values, message):
    with pytest.raises(ArgumentError, match=message):
        EnergyParameters.from_dict(values)


def test_every_parameter_reaches_the_kernels():
    # C++ initialises every number as NaN, so a number that Python does not set is found here
    kernel = for_kernel(EnergyParameters())
    values = {name: getattr(kernel, name) for name in dir(kernel) if not name.startswith("_")}
    assert len(values) == 19
    assert not any(np.isnan(value) for value in values.values())
