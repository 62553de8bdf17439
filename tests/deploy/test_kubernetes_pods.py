"""Pods that eemt-submit describes for Kubernetes, started by podman, which reads such manifests.

No cluster can be had here. Podman's pods have the containers, volumes, commands and rights that are
written down; what it does otherwise in its version 4.3 is changed first, as `as_pods` says.
"""

import os

import pytest
import yaml

from asked_page import assert_page_computes
from built_image import IMAGE
from clusters import wait_for
from eemt_submits import eemt_submit
from manifests import documents, pod_of
from orders import password_file
from web_service import cheap_password

GROUP = 10001


def as_pods(text):
    """The pods that a manifest's deployments would have, and its claims of volumes.

    Podman restarts containers that prepare a pod for ever, unless the pod is never restarted, and
    does not decode secrets: that of the manifest is a volume here, with the owner and the mode that
    files of secrets have.
    """
    found = []
    for document in documents(text):
        name = document["metadata"]["name"]
        if document["kind"] == "PersistentVolumeClaim":
            found.append(document)
        if pod := pod_of(document):
            (given,) = [volume for volume in pod["volumes"] if volume["name"] == "given"]
            assert given.pop("secret")["defaultMode"] == 0o440
            given["persistentVolumeClaim"] = {"claimName": "given"}
            pod["restartPolicy"] = "Never"
            count = document["spec"]["replicas"]
            for number in range(count):
                metadata = {"name": name if count == 1 else f"{name}-{number}"}
                found.append({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod})
    return found


@pytest.fixture
def pods(built, tmp_path):
    """Starts the pods of a page and two workers; all are gone at the end."""
    keys = {"web_password": cheap_password(tmp_path / "page"), "password": password_file(tmp_path)}
    done = eemt_submit(
        "kubernetes", "--web", "--web-password-file", keys["web_password"],
        "--password-file", keys["password"], "--storage", "1G", "--workers", 2, "--cores", 1,
        "--memory", "1500M", "--disk", "2G", "--image", IMAGE,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    file = tmp_path / "pods.yaml"
    file.write_text(yaml.safe_dump_all(as_pods(done.stdout)))
    built.run("volume", "create", "given")
    place = built.run("volume", "inspect", "--format", "{{.Mountpoint}}", "given")
    for name, path in keys.items():
        with open(f"{place}/{name}", "wb") as copy:
            copy.write(path.read_bytes())
            os.fchown(copy.fileno(), 0, GROUP)
            os.fchmod(copy.fileno(), 0o440)
    built.run("network", "create", "cluster")
    built.run("play", "kube", "--network", "cluster", file)
    yield
    built.remove_containers()
    built.run("network", "rm", "cluster")


def test_a_page_and_its_workers_give_the_maps_of_one_machine(built, pods, tmp_path):
    page, workers = "eemt-web-web", [f"eemt-worker-{n}-worker" for n in (0, 1)]
    health = "import urllib.request as r; r.urlopen('http://localhost:5000/health')"
    wait_for(lambda: built.tries("exec", page, "python3", "-c", health), 300, built.logs(page))
    for name in (page, *workers):
        assert built.run("exec", name, "id", "-u") == "10001"
        assert not built.tries("exec", name, "touch", "/usr/mark")
        said = built.run("exec", name, "stat", "--format", "%U %a", "/secrets/password")
        assert said == "eemt 600"
    assert_page_computes(built, page, tmp_path)
    said = "".join(map(built.logs, workers))
    assert "offering 1 cores" in said
    assert "working for the manager at eemt-web:" in said
