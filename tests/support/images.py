"""An image of this Python, eemt_core and what that computes with, made of this machine's files."""

import json
import re
import resource
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import click
import numpy as np

import eemt_core

IMAGE = "localhost/eemt-core:test"
WITHOUT_CODE = "localhost/eemt-core:python-alone"
WITHOUT_PYTHON = "localhost/eemt-core:nothing"
NOT_OF_PYTHON = (
    "__pycache__", "*.a", "config-*", "dist-packages", "ensurepip", "idlelib", "lib2to3",
    "site-packages", "test", "tkinter",
)  # fmt: skip


def podman_environment(folder):
    """Settings by which podman keeps all that it has below `folder`, and needs little of a machine.

    Layers are copied, as one overlay cannot always lie upon another; limits are those of this
    process, as raising them needs rights that not every machine gives.
    """
    limits = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
    ulimits = [f"{name}={own_limit(key)}:{own_limit(key)}" for name, key in limits.items()]
    (folder / "containers.conf").write_text(
        f'[containers]\ndefault_ulimits = {json.dumps(ulimits)}\n[engine]\nruntime = "runc"\n'
    )
    (folder / "storage.conf").write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n'
    )
    return {
        "CONTAINERS_CONF": str(folder / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
        "HOME": str(folder),
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    }


def own_limit(key):
    hard = resource.getrlimit(key)[1]
    return 4096 if hard == resource.RLIM_INFINITY else min(hard, 4096)


def make_images(folder, environment):
    """Make the image with the code, one without it and one without anything."""
    root = folder / "root"
    (root / "tile").mkdir(parents=True)
    import_image(root, WITHOUT_PYTHON, environment)
    copy_python(root)
    import_image(root, WITHOUT_CODE, environment)
    copy_packages(root)
    import_image(root, IMAGE, environment)
    shutil.rmtree(root)


def make_image_of_commands(folder, name, environment):
    """Make an image with ``eemt-tile`` and ``eemt-worker``, and the programs that these start."""
    root = folder / "root"
    (root / "tmp").mkdir(parents=True)
    copy_python(root)
    copy_packages(root, Path(click.__file__).parent)
    programs = root / "usr" / "bin"
    for word in ("tile", "worker"):
        command = programs / f"eemt-{word}"
        call = f"from eemt_core.cli.start import {word}\n{word}()\n"
        command.write_text(f"#!/usr/bin/python3 -P\n{call}")
        command.chmod(0o755)
    shutil.copy(shutil.which("work_queue_worker"), programs)
    (root / "bin").mkdir()
    shutil.copy("/bin/sh", root / "bin" / "sh")  # in which that one starts tasks
    copy_libraries([programs / "work_queue_worker", "/bin/sh"], root)
    import_image(root, name, environment)
    shutil.rmtree(root)


def import_image(root, name, environment):
    archive = root.with_suffix(".tar")
    subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True)
    subprocess.run(
        ["podman", "import", "-q", archive, name], env=environment, check=True, capture_output=True
    )
    archive.unlink()


def copy_python(root):
    """Copy the interpreter to where it is here, its standard library, and what they load."""
    python = Path(sys._base_executable).resolve()
    library = Path(sysconfig.get_path("stdlib"))
    copy(python, root)
    leave_out = shutil.ignore_patterns(*NOT_OF_PYTHON)
    shutil.copytree(library, root / library.relative_to("/"), ignore=leave_out)
    copy_libraries([python, *(library / "lib-dynload").glob("*.so")], root)
    named = root / "usr" / "bin" / "python3"
    if not named.exists():
        named.parent.mkdir(parents=True, exist_ok=True)
        named.symlink_to(python)


def copy_packages(root, *more):
    """Copy eemt_core, what that computes with and more to where the interpreter finds packages."""
    ask = "import site; print(site.getsitepackages()[0])"
    python = [sys._base_executable, "-I", "-c", ask]
    place = subprocess.run(python, capture_output=True, text=True, check=True).stdout.strip()
    numpy, ours = Path(np.__file__).parent, Path(eemt_core.__file__).parent
    packers = [numpy.with_name(name) for name in ("isal", "xxhash", "zstandard")]
    for package in (numpy, numpy.with_name("numpy.libs"), ours, *packers, *more):
        target = root / Path(place).relative_to("/") / package.name
        shutil.copytree(package, target, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    copy_libraries([*ours.glob("_core*.so"), *numpy.rglob("*.so")], root)
    copy_libraries(numpy.with_name("numpy.libs").iterdir(), root)


def copy_libraries(programs, root):
    """Copy the shared libraries that programs ask for, under the names by which they do."""
    for program in programs:
        listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
        for path in map(Path, re.findall(r"(/\S+) \(0x", listed)):
            if "site-packages" not in path.parts:
                copy(path, root)


def copy(path, root):
    target = root / path.relative_to("/")
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
