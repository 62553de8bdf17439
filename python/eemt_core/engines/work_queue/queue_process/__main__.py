"""Starts the program: ``python -I FOLDER``, where FOLDER is this package.

With ``--describe`` it only says which module there is, as one JSON object; it fails without one.
"""

import os
import sys
from importlib import import_module

if __name__ == "__main__":
    folder = os.path.dirname(os.path.realpath(__file__))
    describes = "--describe" in sys.argv[1:]
    sys.path[0] = os.path.dirname(folder)
    program = import_module(f"{os.path.basename(folder)}.{'module' if describes else 'process'}")
    # what lies beside the package is not to be found: it has a module named work_queue too
    del sys.path[0]
    if describes:
        os._exit(program.main())  # to take a Python apart takes as long as to ask for a module
    sys.exit(program.main())
