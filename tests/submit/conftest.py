"""A folder with a name that no shell may read, and programs in place of a batch system's."""

import json
import sys

import pytest

from orders import hostile_folder


@pytest.fixture
def hostile(tmp_path):
    """A folder with a name of special characters, see `hostile_folder`."""
    return hostile_folder(tmp_path)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Puts a program on the PATH that prints what was recorded, and notes how it was started."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(name, out="", err="", code=0):
        (folder / name).write_text(
            f"#!{sys.executable}\nimport json, os, sys\n"
            f"json.dump(dict(os.environ), open({str(tmp_path / name) + '.environment'!r}, 'w'))\n"
            f"json.dump([sys.argv[1:], sys.stdin.read()], open({str(tmp_path / name)!r}, 'w'))\n"
            f"print({out!r}, end='')\nprint({err!r}, end='', file=sys.stderr)\nsys.exit({code})\n"
        )
        (folder / name).chmod(0o755)

    put.started = lambda name: json.loads((tmp_path / name).read_text())
    put.environment = lambda name: json.loads((tmp_path / f"{name}.environment").read_text())
    return put
