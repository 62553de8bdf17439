"""A process that reads a stranger's file ends in time, within its memory, and asks no host."""

import os
import socket
import subprocess
import sys
import threading

import pytest

from eemt_core.errors import EemtError, InputError
from eemt_core.web.uploads.limited import DEM_FORMATS, Bounds, ask, strict_environment


def look_at(path, folder, **bounds):
    order = {"dem": str(path)}
    names = {str(path): "hills.tif"}
    answer = folder / "answer.json"
    return ask("look_dem", order, answer, formats=DEM_FORMATS, names=names, bounds=Bounds(**bounds))


def test_what_needs_little_is_looked_at(dem, tmp_path):
    assert look_at(dem, tmp_path)["rows"] == 60
    assert list(tmp_path.iterdir()) == []


def test_what_needs_more_memory_than_it_may_take_is_refused(dem, tmp_path):
    """The same file with less memory than the libraries need: whichever of them fails first."""
    with pytest.raises(EemtError):
        look_at(dem, tmp_path, memory_mb=100)
    assert list(tmp_path.iterdir()) == []


def test_what_waits_for_ever_is_ended(tmp_path):
    """It takes no time of a core, so the clock must end it."""
    pipe = tmp_path / "pipe.tif"
    os.mkfifo(pipe)
    # whoever still reads then meets an empty file, of which the sentence is another
    writer = threading.Timer(100, lambda: os.close(os.open(pipe, os.O_WRONLY)))
    writer.daemon = True
    writer.start()
    with pytest.raises(InputError, match="takes more than 1 s"):
        look_at(pipe, tmp_path, seconds=1)
    writer.cancel()


@pytest.mark.parametrize("name", ["/vsicurl/http://{}/a.tif", "/vsis3/maps/a.tif"])
def test_gdal_asks_no_server_for_files(name):
    """Though the path in a stranger's file may be an address."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0)
        endpoint = f"127.0.0.1:{server.getsockname()[1]}"
        path = name.format(endpoint)
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        environment |= {"AWS_S3_ENDPOINT": endpoint, "AWS_VIRTUAL_HOSTING": "NO"}
        environment |= {"AWS_HTTPS": "NO", "AWS_NO_SIGN_REQUEST": "YES"}
        done = subprocess.run(
            [sys.executable, "-c", f"import rasterio; rasterio.open({path!r})"],
            env={**strict_environment(DEM_FORMATS, environment), "GDAL_HTTP_TIMEOUT": "5"},
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert "RasterioIOError" in done.stderr
        with pytest.raises(BlockingIOError):
            server.accept()
