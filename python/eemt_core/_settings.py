"""How a record of many settings is shown: by what differs from the defaults alone."""

from __future__ import annotations

from dataclasses import fields
from typing import Any


def shown(record: Any) -> str:
    """Return the call that makes a dataclass's instance, without arguments that are the defaults.

    So a signature that has one as a default stays readable.

    Examples
    --------
    >>> from eemt_core.energy import EnergyParameters
    >>> EnergyParameters(), EnergyParameters(fu_w=3.75)
    (EnergyParameters(), EnergyParameters(fu_w=3.75))
    """
    kind = type(record)
    defaults = kind()
    pairs = [(f.name, getattr(record, f.name)) for f in fields(kind)]
    chosen = [f"{name}={value!r}" for name, value in pairs if value != getattr(defaults, name)]
    return f"{kind.__name__}({', '.join(chosen)})"
