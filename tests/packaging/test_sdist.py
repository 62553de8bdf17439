"""The source archive has what git has, and builds a wheel by itself."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAST = ("-Ccmake.build-type=Debug", "-Ccmake.define.CMAKE_CXX_FLAGS_DEBUG=-O0")
FOR_THE_REPOSITORY_ALONE = (".ci/", ".github/", ".pre-commit-config.yaml")
MADE_HERE = {
    ".venv", "__pycache__", "build", "demo", "dist", "wheelhouse", ".hypothesis", ".mypy_cache",
    ".pytest_cache", ".ruff_cache",
}  # fmt: skip


def build(source, target, *options):
    """Run the usual front end in `source`; return the path of what it makes in `target`."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", target, *options]
    made = subprocess.run(command, cwd=source, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    (path,) = target.iterdir()
    return path


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """Folder with what the archive holds."""
    home = tmp_path_factory.mktemp("sdist")
    archive = build(ROOT, home / "made", "--sdist")
    with tarfile.open(archive) as tar:
        tar.extractall(home / "unpacked", filter="data")
    (folder,) = (home / "unpacked").iterdir()
    return folder


def git_files(*options):
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = filter(None, listed.split("\0"))
    return {n for n in names if (ROOT / n).is_file()}


def files(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_it_has_the_files_of_the_repository_and_no_others(unpacked):
    packed = files(unpacked) - {"PKG-INFO"}
    wanted = {n for n in git_files() if not n.startswith(FOR_THE_REPOSITORY_ALONE)}
    assert wanted - packed == set()
    not_added_yet = git_files("--others", "--exclude-standard")
    assert packed - wanted - not_added_yet == set()


def test_it_has_nothing_that_was_made_here(unpacked):
    assert [n for n in files(unpacked) if not MADE_HERE.isdisjoint(Path(n).parts)] == []


@pytest.mark.slow
def test_it_builds_the_same_package(unpacked, wheel, tmp_path):
    """The wheel is built without optimisation, which takes most of the time of compilation."""
    again = build(unpacked, tmp_path / "wheel", "--wheel", *FAST)
    names = set(zipfile.ZipFile(again).namelist())
    repaired = {n for n in zipfile.ZipFile(wheel).namelist() if not n.endswith("/")}
    assert names == {n for n in repaired if "eemt_core.libs/" not in n and "/sboms/" not in n}
    zipfile.ZipFile(again).extractall(tmp_path / "site")
    loaded = subprocess.run(
        [sys.executable, "-P", "-c", "from eemt_core import _core; print(_core.__file__)"],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(loaded.stdout.strip()).is_relative_to(tmp_path)
