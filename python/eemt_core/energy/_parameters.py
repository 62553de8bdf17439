"""The choices of the energy balance: one documented parameter each, with its default.

This is the only place that holds their defaults and ranges, but for albedo and wind, which stand in
`plausible` because others have them too. Without NumPy, so that commands start at once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args, get_type_hints

from .._numbers import choice_argument, number_in
from .._settings import shown
from ..errors import ArgumentError
from ..plausible import ALBEDO, DEFAULT_ALBEDO, DEFAULT_WIND_M_S, WIND

RANGES = {
    "water_heat_capacity_j_kg_k": (4100.0, 4300.0),
    "organic_heat_j_kg": (1e6, 4e7),
    "solar_term_c": (0.0, 10.0),
    "solar_ratio_min": (0.01, 1.0),
    "solar_ratio_max": (1.0, 100.0),
    "lai_max": (0.1, 30.0),
    "pressure_lapse_k_m": (0.001, 0.0098),
    "latent_heat_mj_kg": (2.2, 2.6),
    "relative_shortwave": (0.3, 1.0),
    "fu_w": (1.01, 10.0),
    "wind_m_s": (WIND.lowest, WIND.highest),
    "albedo": (ALBEDO.lowest, ALBEDO.highest),
    "canopy_height_min_m": (0.01, 10.0),
    "blending_height_m": (30.0, 1000.0),
    "npp_floor_g_m2_yr": (0.0, 3000.0),
}
"""Least and greatest value of each number: wide, but no slip of the unit passes as physics."""


@dataclass(frozen=True, repr=False)
class EnergyParameters:
    """What a user may choose in the energy balance, with the field's defaults.

    Parameters
    ----------
    water_heat_capacity_j_kg_k
        Specific heat of water [J kg-1 K-1], 4185.5 by default, that at 15 degC; published
        work uses 4180 to 4187.
    organic_heat_j_kg
        Energy that a kilogram of dry organic matter stores, h_BIO [J kg-1], 22e6 by
        default [1]_.
    hamon_form
        Form of Hamon's potential evapotranspiration in EEMT_TRAD: ``"haith"``,
        2.1 H² e_s/(T + 273.2) mm d-1 [1]_ [2]_, or ``"dingman"``, 29.8 H e_s/(T + 273.2)
        [3]_. They are equal at 14.2 h of daylight.
    solar_term_c
        Coefficient C of the local temperature term C (S - 1/S) [degC], 1 by default
        [1]_.
    solar_term_on
        Which temperature the term is added to: ``"tmax"``, the daily maximum [1]_, so that
        the mean moves by half of it, or ``"mean"``, the mean (both extremes move).
    solar_ratio_min, solar_ratio_max
        Limits of S, the sun on the slope over that on flat ground [-], 0.1 and 10 by
        default: S - 1/S has a pole where a cell lies in shadow all month, and S itself one in
        polar winter.
    lai_max
        Leaf area index of a canopy so dense that the term vanishes [-], 10 by default [1]_.
    saturation_at
        Saturation vapour pressure of a day in EEMT_TOPO: the mean of that at both
        ``"extremes"`` of temperature [4]_ (Eq. 12), or that at the ``"mean"``.
    relative_shortwave
        Rs/Rso in the net longwave radiation, 1 under a clear sky [-] and by default, as the
        sums of the sun are those of a clear sky.
    albedo
        Share of the sun that the surface reflects, where no raster is given [-]. 0.2.
    wind_m_s
        Wind 2 m above short grass, where the climate has none [m s-1]. The default, 2, is the
        mean of over 2000 weather stations that FAO-56 recommends for want of data [4]_ (chapter 3).
    latent_heat, latent_heat_mj_kg
        Latent heat of vaporisation: ``"fixed"`` at 2.45 MJ kg-1 [4]_, or falling with
        ``"temperature"``, 2.501 - 0.002361 T.
    pressure_lapse_k_m
        Lapse rate in the mean air pressure at an elevation [K m-1], 0.0065 by default [4]_
        (Eq. 7).
    fu_w
        Exponent of Fu's curve [-], 2.63 by default [1]_ [5]_; 2.15 for forest to 3.75 for grass.
    npp_floor_g_m2_yr
        Least net primary production of EEMT_TOPO [g m-2 yr-1], 100 by default [1]_.
    canopy_npp_form
        Net primary production of EEMT_TOPO-VEG from canopy height h: ``"centred"``,
        196 + 36 h - 0.61 (h - 12.0933)², or Eq. 12 as ``"printed"`` in [1]_, with the 0.61
        inside the bracket. The centred one meets the floor of 100 at h = 0.
    surface_resistance
        Resistance of the canopy: ``"linear"``, 55 s m-1 at LAI 0.5 falling to 38 at LAI 6,
        the range of values in [1]_, or ``"fao"``, 100/(0.5 LAI) s m-1 [4]_ (Eq. 5).
    canopy_height_min_m
        Height below which a canopy counts as grass, 0.12 m as FAO-56's reference [m].
    blending_height_m
        Height at which the wind no longer feels the canopy below [m], 200 by default [6]_.

    Raises
    ------
    ArgumentError
        If a number lies outside its range or a choice is unknown.

    References
    ----------
    .. [1] Rasmussen, C., Pelletier, J. D., Troch, P. A., Swetnam, T. L., Chorover, J. (2015).
       Quantifying topographic and vegetation effects on the transfer of energy and mass to
       the critical zone. Vadose Zone Journal 14(11). doi:10.2136/vzj2014.07.0102
    .. [2] Haith, D. A., Shoemaker, L. L. (1987). Generalized watershed loading functions for
       stream flow nutrients. Water Resources Bulletin 23, 471-478.
    .. [3] Dingman, S. L. (2002). Physical Hydrology, 2nd ed., Prentice Hall.
    .. [4] Allen, R. G., Pereira, L. S., Raes, D., Smith, M. (1998). Crop
       evapotranspiration. FAO Irrigation and Drainage Paper 56.
    .. [5] Zhang, L., et al. (2004). A rational function approach for estimating mean annual
       evapotranspiration. Water Resources Research 40, W02502. doi:10.1029/2003WR002710
    .. [6] Allen, R. G., Tasumi, M., Trezza, R. (2007). Satellite-based energy balance for
       mapping evapotranspiration with internalized calibration (METRIC). Journal of
       Irrigation and Drainage Engineering 133(4), 380-394.
       doi:10.1061/(ASCE)0733-9437(2007)133:4(380)

    Examples
    --------
    >>> EnergyParameters(hamon_form="dingman").to_dict()["hamon_form"]
    'dingman'
    """

    water_heat_capacity_j_kg_k: float = 4185.5
    organic_heat_j_kg: float = 22e6
    hamon_form: Literal["haith", "dingman"] = "haith"
    solar_term_c: float = 1.0
    solar_term_on: Literal["tmax", "mean"] = "tmax"
    solar_ratio_min: float = 0.1
    solar_ratio_max: float = 10.0
    lai_max: float = 10.0
    saturation_at: Literal["extremes", "mean"] = "extremes"
    relative_shortwave: float = 1.0
    albedo: float = DEFAULT_ALBEDO
    wind_m_s: float = DEFAULT_WIND_M_S
    latent_heat: Literal["fixed", "temperature"] = "fixed"
    latent_heat_mj_kg: float = 2.45
    pressure_lapse_k_m: float = 0.0065
    fu_w: float = 2.63
    npp_floor_g_m2_yr: float = 100.0
    canopy_npp_form: Literal["centred", "printed"] = "centred"
    surface_resistance: Literal["linear", "fao"] = "linear"
    canopy_height_min_m: float = 0.12
    blending_height_m: float = 200.0

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self))
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in RANGES:
                number = number_in(field.name, value, *RANGES[field.name])
                object.__setattr__(self, field.name, number)
            else:
                choice_argument(field.name, value, get_args(hints[field.name]))

    def __repr__(self) -> str:
        return shown(self)

    def to_dict(self) -> dict[str, float | str]:
        """Return all parameters by name, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> EnergyParameters:
        """Return parameters from names and values; what is not named keeps its default.

        Raises
        ------
        ArgumentError
            If a name is unknown or a value does not fit.
        """
        known = [field.name for field in fields(cls)]
        for name in values:
            if name not in known:
                raise ArgumentError(
                    f"unknown energy parameter {name!r}; the known ones are {', '.join(known)}",
                    field=name,
                    value=values[name],
                )
        return cls(**values)
