"""The web interface: submit runs, watch them, look at their maps, fetch them.

It builds requests, starts ``eemt-run`` processes and reads their journals; what it says of a run is
what the journal says. The rooms: ``jobs`` (what was asked and how it goes), ``uploads`` (files from
strangers), ``maps`` (finished maps as pictures and numbers), ``access`` (who may come in),
``routes`` (the HTTP interface over these), ``static`` (the pages themselves).
"""

from importlib.util import find_spec

NEEDED = {
    "PIL": "pillow",
    "fastapi": "fastapi",
    "fastapi_swagger": "fastapi-swagger",
    "h5py": "h5py",
    "psutil": "psutil",
    "python_multipart": "python-multipart",
    "rio_tiler": "rio-tiler",
    "uvicorn": "uvicorn",
    "yaml": "pyyaml",
    "zipstream": "zipstream-ng",
}
"""Modules of the extra, and the packages that bring them."""

_missing = [package for module, package in NEEDED.items() if find_spec(module) is None]
if _missing:
    raise ModuleNotFoundError(
        f"eemt_core.web needs {', '.join(_missing)}: pip install 'eemt-core[web]'",
        name=_missing[0],
    )
