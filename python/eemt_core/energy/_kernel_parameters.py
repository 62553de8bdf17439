"""The choices of the energy balance in the form that the kernels read."""

from __future__ import annotations

from .. import _core
from .._numbers import instance_of
from ._parameters import RANGES, EnergyParameters


def for_kernel(parameters: EnergyParameters) -> _core.energy.Parameters:
    """Return the choices as the kernels' own structure."""
    instance_of("parameters", parameters, EnergyParameters)
    kernel = _core.energy.Parameters()
    for name in RANGES:
        if name not in ("wind_m_s", "albedo"):  # those are fields of the cells
            setattr(kernel, name, getattr(parameters, name))
    kernel.hamon_dingman = parameters.hamon_form == "dingman"
    kernel.solar_term_on_mean = parameters.solar_term_on == "mean"
    kernel.saturation_at_mean = parameters.saturation_at == "mean"
    kernel.latent_heat_varies = parameters.latent_heat == "temperature"
    kernel.canopy_npp_printed = parameters.canopy_npp_form == "printed"
    kernel.surface_resistance_fao = parameters.surface_resistance == "fao"
    return kernel
