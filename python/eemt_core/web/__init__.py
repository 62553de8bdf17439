"""The web interface: submit runs, watch them, look at their maps, fetch them.

It builds requests, starts ``eemt-run`` processes and reads their journals; what it says of a run is
what the journal says. The rooms: ``jobs`` (what was asked and how it goes), ``uploads`` (files from
strangers), ``maps`` (finished maps as pictures and numbers), ``access`` (who may come in),
``routes`` (the HTTP interface over these), ``static`` (the pages themselves).
"""

from importlib.util import find_spec

_missing = [
    name
    for name in ("fastapi", "uvicorn", "python_multipart", "rio_tiler", "psutil")
    if find_spec(name) is None
]
if _missing:
    raise ModuleNotFoundError(
        f"eemt_core.web needs {', '.join(_missing)}: pip install 'eemt-core[web]'",
        name=_missing[0],
    )
