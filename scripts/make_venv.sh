#!/usr/bin/env bash
# Makes the virtual environment with a current pip and what builds the extension:
#   scripts/make_venv.sh FOLDER
#
# The build requirements live in the environment (not in one made afresh by pip for every
# build), so that a second build compiles only what changed.
set -euo pipefail
folder=$1

if ! python=$("$(dirname "$0")"/find_python.sh); then
    echo "No Python 3.11 or newer with venv and headers found; run scripts/setup_debian.sh build." >&2
    exit 1
fi
echo "Making $folder with $("$python" --version)"
"$python" -m venv --clear "$folder"
# dependency groups need pip 25.1; Debian 12 ships 23.0
"$folder/bin/python" -m pip install -qq --upgrade "pip>=25.1"
"$folder/bin/python" - >"$folder/build-requirements.txt" <<'PY'
import tomllib

with open("pyproject.toml", "rb") as file:
    print(*tomllib.load(file)["build-system"]["requires"], sep="\n")
PY
"$folder/bin/python" -m pip install -qq -r "$folder/build-requirements.txt" "cmake>=3.24" ninja
