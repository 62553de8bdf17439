"""Orders for orchestrators, and the manifests that are made of them.

``python tests/support/manifests.py`` writes these into ``tests/data/manifests`` anew.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import yaml

from eemt_core.sizes import Address
from eemt_core.submit.order import Order, Workers
from eemt_core.submit.targets import MANIFEST_TARGETS
from eemt_core.submit.web_pool import WebPool
from orders import MANAGER, password_file

TEXTS = Path(__file__).parents[1] / "data" / "manifests"
IMAGE = "registry.example/eemt-core:0.1.0"


def manifest_orders(folder):
    """Orders by the names of their texts; what must be there is made in a folder."""
    web_password, password = (password_file(folder, name) for name in ("page", "workers"))
    bare = Order(WebPool(1, web_password), runtime="docker", image=IMAGE)
    pool = WebPool(4, web_password, password, "lab.example", 200_000)
    full = replace(bare, work=pool, cores=8, memory_mb=16384, disk_mb=50000, name="canyon")
    managers = Workers(3, (MANAGER, Address("node2.example", 9124)), password_file=password)
    named = Workers(1, (), "jacksboro", Address("node1.example", 9097))
    return {
        "web": full,
        "web-bare": bare,
        "workers": replace(full, work=managers),
        "project": replace(bare, work=named),
    }


def manifests(folder):
    """The texts for all targets by their files, with a fixed name in place of the folder's."""
    found = {}
    for target in MANIFEST_TARGETS.values():
        for name, order in manifest_orders(folder).items():
            text = target.render(order)
            found[f"{target.name}-{name}.yaml"] = text.replace(str(folder), "/srv/keys")
    return found


def documents(text):
    """The documents of a manifest, read back."""
    return list(yaml.safe_load_all(text))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    TEXTS.mkdir(exist_ok=True)
    for old in TEXTS.iterdir():
        old.unlink()
    with tempfile.TemporaryDirectory() as place:
        for file, text in manifests(Path(place)).items():
            (TEXTS / file).write_text(text)
