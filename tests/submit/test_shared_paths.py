"""What lies in the memory of one machine is known to be no shared storage."""

import subprocess
import sys
from pathlib import Path

from eemt_core.submit.order import Order, Workers
from eemt_core.submit.shared_paths import unshared_paths
from orders import MANAGER

MOUNT = 'mount -t tmpfs none "$1"; cd "$1"; exec "$2" -c "$3"'
PRINT = """
from pathlib import Path
from eemt_core.sizes import Address
from eemt_core.submit.order import Order, Tiles, Workers
from eemt_core.submit.shared_paths import unshared_paths
here = Path.cwd()
(here / "tiles").mkdir()
(here / "tiles/tiles.txt").write_text("tile-000001")
for name in ("password", "x.whl"):
    (here / name).write_text("secret")
    (here / name).chmod(0o600)
workers = Workers(1, (Address("node1", 9123),), password_file=here / "password")
for work in (workers, Tiles(here / "tiles")):
    order = Order(work, runtime="wheel", wheel=here / "x.whl", log_folder=here / "new" / "logs")
    print(*(path.relative_to(here) for path in unshared_paths(order)))
"""


def test_a_disk_may_be_shared():
    """Whatever holds this file: pytest's own folders may lie in memory."""
    order = Order(Workers(1, (MANAGER,)), log_folder=Path(__file__).parent / "logs")
    assert unshared_paths(order) == []


def test_all_that_a_job_reads_or_writes_is_found_in_memory(tmp_path):
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-ec", MOUNT, "sh", tmp_path,
         sys.executable, PRINT],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["x.whl new/logs password", "x.whl new/logs tiles"]
