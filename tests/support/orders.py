"""Orders of all kinds, and the texts that are made of them for each target.

``python tests/support/orders.py`` writes the texts into ``tests/data/submit`` anew.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from eemt_core.sizes import Address
from eemt_core.submit.order import Order, Tiles, Workers
from eemt_core.submit.run_in_job import RunInJob
from eemt_core.submit.schedulers import SCHEDULERS
from eemt_core.submit.targets import SCRIPT_TARGETS, TARGETS
from eemt_core.submit.targets.htcondor import HTCONDOR

TEXTS = Path(__file__).parents[1] / "data" / "submit"
# what is written otherwise for some, or not at all
OWN = {
    "slurm": {"constraint": "avx2&ssd", "qos": "normal"},
    "sge": {"constraint": "avx2=true", "parallel_env": "smp"},
    "pbs": {"constraint": "cpu_type=rome"},
    "torque": {"constraint": "avx2", "qos": "normal"},
    "lsf": {"constraint": "avx2 && ncpus > 8"},
    "htcondor": {"constraint": "OpSysMajorVer >= 8", "queue": "", "setup": ()},
}
EXTRA = {"slurm": "--mail-type=END", "lsf": "-N", "htcondor": '+ProjectName = "Canyon"'}
# how a job has eemt-core is written alike for all of them
ALIKE = ("wheel", "apptainer", "apptainer-tiles", "podman", "project")
OF_HTCONDOR = ("plain", "full", "tiles", "project", "apptainer", "apptainer-tiles")
MANAGER = Address("node1.example", 9123)


def password_file(folder, name="password", mode=0o600):
    """Write a password that its owner alone can read."""
    path = folder / name
    path.write_text("secret of ours\n")
    path.chmod(mode)
    return path


def exported(folder, count=10, name="tiles"):
    """Make what an order looks at of an export."""
    path = folder / name
    path.mkdir()
    (path / "tiles.txt").write_text("".join(f"tile-{n:06d}\n" for n in range(count)))
    (path / "export.json").write_text('{"parameters": {"instruction_set": "v3"}}')
    return path


def hostile_folder(parent):
    """Make a folder with a password and tiles, of whose name all but letters mean something."""
    folder = parent / """a b'c"d$(touch e)`touch f`;&|<>*?[g]{h}!#~%A"""
    folder.mkdir()
    password_file(folder)
    exported(folder)
    return folder


def orders(folder, target="slurm"):
    """Orders for a target by the names of their texts; what must be there is made in a folder."""
    password, tiles = password_file(folder), exported(folder)
    image, wheel = folder / "eemt-1.0.sif", folder / "eemt_core-1.0-cp311-none-linux_x86_64.whl"
    for file in (image, wheel):
        file.touch()
    managers = Workers(20, (MANAGER, Address("node2.example", 9124)), password_file=password)
    plain = Order(Workers(1, (MANAGER,)), programs=Path("/opt/eemt/bin"))
    full = replace(
        plain,
        work=managers,
        cores=8,
        memory_mb=32768,
        disk_mb=50000,
        time_s=4 * 3600,
        account="geo-2026",
        queue="long",
        setup=("module load gcc/12", "export PATH=/opt/eemt/bin:$PATH"),
        extra_directives=(EXTRA.get(target, "-m e"),),
        name="canyon",
        log_folder=Path("/home/ada/logs"),
    )
    full = replace(full, **OWN[target])
    by_chunks = replace(
        plain,
        work=Tiles(tiles, 4),
        cores=2,
        memory_mb=4096,
        time_s=1800,
        parallel_env=full.parallel_env,
    )
    named = replace(plain, work=Workers(3, (), "jacksboro", Address("node1.example", 9097)))
    run = RunInJob(
        folder / "out",
        ("my dem.tif", "--days", "1,172"),
        Path("/home/ada"),
        3,
        password,
    )
    return {
        "plain": plain,
        "full": full,
        "tiles": by_chunks,
        "project": named,
        "run": replace(by_chunks, work=run),
        "wheel": replace(full, runtime="wheel", wheel=wheel, extra_directives=()),
        "apptainer": replace(plain, work=managers, runtime="apptainer", image=str(image)),
        "apptainer-tiles": replace(by_chunks, runtime="apptainer", image="registry.example/eemt:1"),
        "podman": replace(plain, work=managers, runtime="podman", image="localhost/eemt-core"),
        "docker-tiles": replace(by_chunks, runtime="docker", image="registry.example/eemt:1"),
    }


def _is_recorded(target, name):
    if target == HTCONDOR.name:
        return name in OF_HTCONDOR
    return target == "slurm" or name not in ALIKE


def texts(folder):
    """The texts for all targets by their files, with a fixed name in place of the folder's."""
    found = {}
    for target in (*SCRIPT_TARGETS, HTCONDOR.name):
        place = folder / target
        place.mkdir()
        ending = SCHEDULERS[target].file_ending
        for name, order in orders(place, target).items():
            if _is_recorded(target, name):
                text = TARGETS[target].render(order)
                found[f"{target}-{name}{ending}"] = text.replace(str(place), "/shared")
    return found


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    TEXTS.mkdir(exist_ok=True)
    for old in TEXTS.iterdir():
        old.unlink()
    with tempfile.TemporaryDirectory() as place:
        for file, text in texts(Path(place)).items():
            (TEXTS / file).write_text(text)
