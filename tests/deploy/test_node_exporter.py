"""Figures in a file reach Prometheus by Debian's node_exporter, as the page on operations says."""

import os
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from clusters import wait_for
from eemt_submits import eemt_status
from free_ports import free_port
from prometheus import of_run

UNPACKED = Path(__file__).parents[2] / "build" / "prometheus-node-exporter" / "usr" / "bin"


@pytest.fixture
def exporter(tmp_path):
    """A node_exporter that reads files alone; the folder of these, and what it answers."""
    path = f"{os.environ['PATH']}:{UNPACKED}"
    program = shutil.which("prometheus-node-exporter", path=path)
    assert program, "node_exporter is missing: scripts/setup_debian.sh test unpacks it"
    folder, port = tmp_path / "node-exporter", free_port()
    folder.mkdir()
    command = [
        program, f"--web.listen-address=127.0.0.1:{port}", "--collector.disable-defaults",
        "--web.disable-exporter-metrics",
        "--collector.textfile", f"--collector.textfile.directory={folder}",
    ]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:

        def answer():
            try:
                return httpx.get(f"http://127.0.0.1:{port}/metrics").raise_for_status().text
            except httpx.TransportError:
                assert process.poll() is None
                return ""

        wait_for(answer, what="node_exporter")
        yield folder, answer
        process.terminate()


def test_figures_of_several_runs_are_exported(exporter, local, tmp_path):
    folder, answer = exporter
    other = tmp_path / "other"
    shutil.copytree(local, other)
    for out in (local, other):
        done = eemt_status(out, "--prometheus", "-o", folder / f"eemt-{out.name}.prom")
        assert (done.returncode, done.stderr) == (0, "")
    eemt_status(local, "--prometheus", "-o", folder / "eemt.txt")  # a name that it does not read
    text = wait_for(answer, what="node_exporter")
    for out in (local, other):
        found = of_run(text, str(out))
        assert found["eemt_run_state", "finished"] == 1
        assert found["eemt_run_tiles", "done"] == 8
    assert "node_textfile_scrape_error 0" in text
