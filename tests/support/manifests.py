"""Orders for orchestrators, and the manifests that are made of them.

``python tests/support/manifests.py`` writes these into ``tests/data/manifests`` anew.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import yaml

from eemt_core.sizes import Address
from eemt_core.submit.order import Order, Tiles, Workers
from eemt_core.submit.targets import MANIFEST_TARGETS
from eemt_core.submit.web_pool import WebPool
from orders import MANAGER, exported, password_file

TEXTS = Path(__file__).parents[1] / "data" / "manifests"
IMAGE = "registry.example/eemt-core:0.1.0"


def manifest_orders(folder, target):
    """Orders for a target by the names of their texts; what must be there is made in a folder."""
    files = [password_file(folder, name) for name in ("page", "tokens", "workers")]
    web_password, web_tokens, password = files
    on_cluster = {"storage_mb": 200_000, "most": 40} if target == "kubernetes" else {}
    on_volume = {"storage_mb": 1000} if target == "kubernetes" else {}
    bare = Order(WebPool(1, web_password, **on_volume), runtime="docker", image=IMAGE)
    pool = WebPool(
        4, web_password, password, "lab.example", web_tokens_file=web_tokens, **on_cluster
    )
    full = replace(bare, work=pool, cores=8, memory_mb=16384, disk_mb=50000, name="canyon")
    managers = Workers(3, (MANAGER, Address("node2.example", 9124)), password_file=password)
    named = Workers(1, (), "jacksboro", Address("node1.example", 9097))
    found = {
        "web": full,
        "web-bare": bare,
        "workers": replace(full, work=managers),
        "project": replace(bare, work=named),
    }
    if Tiles.kind in MANIFEST_TARGETS[target].kinds:
        tiles = folder / "tiles"
        found["tiles"] = replace(
            full, work=Tiles(tiles if tiles.exists() else exported(folder), 4, "scratch")
        )
    return found


def manifests(folder):
    """The texts for all targets by their files, with a fixed name in place of the folder's."""
    found = {}
    for target in MANIFEST_TARGETS.values():
        for name, order in manifest_orders(folder, target.name).items():
            text = target.render(order)
            found[f"{target.name}-{name}.yaml"] = text.replace(str(folder), "/srv/keys")
    return found


def documents(text):
    """The documents of a manifest, read back."""
    return list(yaml.safe_load_all(text))


def pod_of(document):
    """What a document says of pods, None where it makes none."""
    return document["spec"].get("template", {}).get("spec") if "spec" in document else None


def containers(text):
    """All containers of a manifest by their names; those that prepare a pod are left out."""
    found = {}
    for document in documents(text):
        found.update(document.get("services", {}))
        if pod := pod_of(document):
            found.update({container["name"]: container for container in pod["containers"]})
    return found


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    TEXTS.mkdir(exist_ok=True)
    for old in TEXTS.iterdir():
        old.unlink()
    with tempfile.TemporaryDirectory() as place:
        for file, text in manifests(Path(place)).items():
            (TEXTS / file).write_text(text)
