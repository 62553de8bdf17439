"""Starts the program: ``python -I FOLDER``, where FOLDER is this package."""

import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    folder = Path(__file__).resolve().parent
    sys.path[0] = str(folder.parent)
    program = import_module(f"{folder.name}.process")
    # what lies beside the package is not to be found: it has a module named work_queue too
    del sys.path[0]
    sys.exit(program.main(sys.argv[1:]))
