"""The runtime that a user has chosen."""

from __future__ import annotations

from pathlib import Path

from ...errors import ArgumentError
from .runtime import Runtime

KINDS = ("installed", "wheel", "container")


def make_runtime(kind: str, *, image: str | None = None, work_folder: Path) -> Runtime:
    """Return the runtime of that name; what it ships is made in `work_folder`.

    Raises
    ------
    ArgumentError
        If there is none of that name, or the image's name is missing, not one, or of no use.
    """
    if kind not in KINDS:
        raise ArgumentError(
            f"runtime must be one of {', '.join(KINDS)}, got {kind!r}", field="runtime", value=kind
        )
    if image is not None and kind != "container":
        raise ArgumentError(
            f"an image is used by runtime container alone, not by {kind}",
            field="image",
            value=image,
        )
    if kind == "wheel":
        from .wheel import make_wheel

        return make_wheel(work_folder)
    if kind == "container":
        from .container import make_container

        return make_container(image, work_folder)
    from .installed import Installed

    return Installed()
