#!/usr/bin/env bash
# Prints the first Python that can build and run eemt-core: 3.11 or newer, able to make a
# virtual environment (some hand-built Pythons lack ensurepip, and so does Debian's until
# python3-venv is there), and with its C headers. Ends with 1 if there is none.
set -euo pipefail

probe='
import os, sys, sysconfig
import ensurepip, venv
assert sys.version_info >= (3, 11)
assert os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h"))
'

for candidate in ${PYTHON:-} python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11; do
    path=$(command -v "$candidate") || continue
    if "$path" -I -c "$probe" >/dev/null 2>&1; then
        echo "$path"
        exit 0
    fi
done
exit 1
