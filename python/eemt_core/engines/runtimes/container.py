"""An image that has eemt-core, started by the worker for each task."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from ...errors import ArgumentError
from .runtime import Shipped, last_line, logged, missing_package, ship

_PROGRAM = Path(__file__).with_name("container.sh")
_SPEAKER = "eemt-container: "
# registry/name:tag, name@sha256:..., docker://name; or the path of a file, which may have any name
_IMAGE = re.compile(r"(docker://|oras://|library://|/)?[A-Za-z0-9][\w./:@+-]*")
# the runtime itself fails, with the exit code of a program that is not there
_NO_CONTAINER = re.compile(r"(runc|crun): .*(cgroup|operation not permitted)", re.IGNORECASE)
_NO_IMAGE = re.compile(
    r"image not known|no such image|unable to find image|manifest unknown|pull access denied"
    r"|initializing source|unable to copy from source|did not resolve to an alias",
    re.IGNORECASE,
)
_ADVICE = re.compile(r"^(Run|See) 'docker .*$", re.MULTILINE)
_CANNOT_RUN, _CANNOT_EXECUTE, _NOT_FOUND, _APPTAINERS = 125, 126, 127, 255


def image_from_here(image: str) -> str:
    """Return an image's name; a file's as it is seen from other folders, such as those of tasks.

    Examples
    --------
    >>> image_from_here("registry.example/eemt:1.0"), image_from_here("/srv/eemt.sif")
    ('registry.example/eemt:1.0', '/srv/eemt.sif')
    """
    is_file = image.endswith(".sif") and "://" not in image
    return str(Path(image).absolute()) if is_file else image


def check_image(image: str | None) -> str:
    """Return the name of an image, or the absolute path of a ``.sif`` file.

    Raises
    ------
    ArgumentError
        If it is missing or cannot be the name of an image.
    """
    if not image:
        raise ArgumentError(
            "runtime container needs an image",
            remedy="name it with <<image>>",
            field="image",
            value=image,
        )
    is_file = image.endswith(".sif") and image.startswith("/") and image.isprintable()
    if not (is_file or _IMAGE.fullmatch(image)):
        raise ArgumentError(
            f"{image!r} is no image",
            remedy="write registry/name:tag, or the path of a .sif file",
            field="image",
            value=image,
        )
    return image


def make_container(image: str | None, work_folder: Path) -> Container:
    """Return the runtime that starts `image`; its program is copied into `work_folder`.

    Raises
    ------
    ArgumentError
        If `image` is missing or cannot be the name of an image.
    """
    return Container(check_image(image), (ship(_PROGRAM, "eemt-container", work_folder),))


@dataclass(frozen=True)
class Container:
    """An image and the program that starts it with podman, docker or apptainer."""

    image: str
    shipped: tuple[Shipped, ...]
    name: str = "container"

    def command(self, folder: str, shared: Path | None = None) -> str:
        """Return the shell command that runs the task in `folder`; it sees `shared` as well."""
        words = ["sh", self.shipped[0].name, self.image, folder, *([str(shared)] if shared else [])]
        return logged(shlex.join(words), folder)

    def diagnose(self, exit_code: int, log: str) -> str:
        """Return why the container does not run the task, or nothing."""
        for line in log.splitlines():
            if line.startswith(_SPEAKER):
                return line.removeprefix(_SPEAKER)
        missing = missing_package(log)
        broken = _NO_CONTAINER.search(log)
        if missing or (exit_code in (_CANNOT_EXECUTE, _NOT_FOUND) and not broken):
            return (
                f"image {self.image} has no {missing or 'python3'}: use an image like that of "
                "eemt-core's Containerfile"
            )
        said = last_line(_ADVICE.sub("", log))
        if exit_code == _CANNOT_RUN or broken or (exit_code == _APPTAINERS and "FATAL" in log):
            if _NO_IMAGE.search(log):
                return (
                    f"the worker has no image {self.image} and cannot fetch it ({said}): "
                    "load it there, or name another with <<image>>"
                )
            return (
                f"the worker cannot start a container ({said}): let its user run "
                "containers, or use <<runtime=wheel>>"
            )
        return ""
