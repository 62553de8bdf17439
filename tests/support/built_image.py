"""The image of the clone's ``Containerfile``, built as users build it, on a Debian made here."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
IMAGE = "localhost/eemt-core:built"
EXTRAS = "web"
_BASE = "localhost/debian:bookworm"
# what Debian's own slim image leaves out too, and no waiting for the disk
_SLIM = (
    "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
    "--dpkgopt=path-exclude=/usr/share/man/*", '--aptopt=Acquire::Languages "none"',
    "--dpkgopt=force-unsafe-io",
)  # fmt: skip


def build_image(podman):
    """Build the image: apt works within it, compiled is what is installed here."""
    here, there = sys.version_info[:2], (3, 11)
    assert here == there, f"wheels of Python {here} do not fit that of Debian 12, {there}"
    wheels, log = podman.folder / "wheels", podman.folder / "wheels.log"
    making = _start_wheels(wheels, log)
    try:
        _make_base(podman)
        assert making.wait(600) == 0, log.read_text()
    finally:
        making.kill()
        making.wait()
    podman.run_outside(
        *("build", "--isolation", "chroot", "--layers=false", "--tag", IMAGE),
        *("--build-arg", f"BASE={_BASE}", "--build-arg", f"EXTRAS={EXTRAS}"),
        *("--build-context", f"wheels={wheels}", "--file", ROOT / "Containerfile", ROOT),
    )
    shutil.rmtree(wheels)


def _make_base(podman):
    """Make an image like ``debian:bookworm-slim`` of Debian's packages."""
    with tempfile.TemporaryDirectory(prefix="debian-", dir=podman.folder) as scratch:
        archive = Path(scratch) / "base.tar"
        made = subprocess.run(
            ["mmdebstrap", "--variant=apt", "--quiet", *_SLIM, "bookworm", archive, "-"],
            input=_own_sources(),
            env={**podman.environment, "TMPDIR": scratch},
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert made.returncode == 0, made.stderr
        podman.run("import", "--quiet", archive, _BASE)


def _own_sources():
    """Where this machine gets Debian's packages from, as apt reads it."""
    folder = Path("/etc/apt/sources.list.d")
    places = [*sorted(folder.glob("*.sources")), Path("/etc/apt/sources.list")]
    return "\n\n".join(place.read_text() for place in places if place.is_file())


def _start_wheels(folder, log):
    """Start what collects the wheels: ours, compiled where it is installed from, and its needs."""
    with log.open("wb") as file:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation"),
                *("--wheel-dir", folder, f"{ROOT}[{EXTRAS}]"),
            ],
            # pip starts what it finds beside this Python
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            stdout=file,
            stderr=file,
        )
