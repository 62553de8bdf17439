"""What Kubernetes gets: by its real schemas, in its restricted profile, and fitting together."""

import subprocess

import kubernetes_validate
import pytest

from eemt_core.errors import ArgumentError
from eemt_core.submit.order import Order, Tiles
from eemt_core.submit.targets.kubernetes import KUBERNETES
from eemt_core.submit.web_pool import PORTS, WebPool
from manifests import IMAGE, TEXTS, containers, documents, manifest_orders, pod_of
from orders import exported, password_file

FILES = sorted(path.name for path in TEXTS.iterdir() if path.name.startswith("kubernetes"))
# the first with all that is used, one in between, the newest that is known
VERSIONS = ("1.25.0", "1.30.0", "1.37.0")
VOLUMES = {"emptyDir", "persistentVolumeClaim", "secret"}


def read(name):
    return documents((TEXTS / name).read_text())


def pods(name):
    return [pod for document in read(name) if (pod := pod_of(document))]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", FILES)
def test_every_document_is_one_by_the_schema_of_kubernetes(name, version):
    for document in read(name):
        kubernetes_validate.validate(document, version, strict=True)


def test_the_schema_sees_mistakes():
    (job,) = read("kubernetes-tiles.yaml")
    job["spec"]["template"]["spec"]["containers"][0]["comand"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(job, VERSIONS[-1], strict=True)


@pytest.mark.parametrize("name", FILES)
def test_pods_pass_the_restricted_profile_and_write_to_volumes_alone(name):
    """The controls of the Pod Security Standards, policy "restricted"."""
    assert pods(name)
    for pod in pods(name):
        assert not pod.keys() & {"hostNetwork", "hostPID", "hostIPC"}
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert all(set(volume) - {"name"} <= VOLUMES for volume in pod["volumes"])
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert all("hostPort" not in port for port in container.get("ports", []))


@pytest.mark.parametrize("name", FILES)
def test_what_is_mounted_is_there_and_services_are_no_options(name):
    """A service called NAME-web would set EEMT_WEB_PORT in each pod."""
    for pod in pods(name):
        assert pod["enableServiceLinks"] is False
        volumes = [volume["name"] for volume in pod["volumes"]]
        mounted = set()
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            mounted |= {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == set(volumes)
        assert len(volumes) == len(mounted)


@pytest.mark.parametrize("name", FILES)
def test_limits_are_those_of_the_order_or_none(name):
    for pod in pods(name):
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            told = container.get("resources")
            if "bare" in name or "project" in name:
                assert told is None
            else:
                each = {"cpu": "8", "memory": "16384Mi", "ephemeral-storage": "50000Mi"}
                assert told == {"requests": each, "limits": each}


def test_services_policies_and_scaling_find_their_pods():
    found = {(d["kind"], d["metadata"]["name"]): d["spec"] for d in read("kubernetes-web.yaml")}
    labels = {}
    for part in ("web", "worker"):
        deployment = found["Deployment", f"canyon-{part}"]
        labels[part] = deployment["template"]["metadata"]["labels"]
        assert deployment["selector"]["matchLabels"] == labels[part]
        policy = found["NetworkPolicy", f"canyon-{part}"]
        assert policy["podSelector"]["matchLabels"] == labels[part]
        assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in found["NetworkPolicy", "canyon-worker"]
    service = found["Service", "canyon-web"]
    assert service["selector"] == labels["web"]
    assert [port["port"] for port in service["ports"]] == [5000, *PORTS]
    _, managers = found["NetworkPolicy", "canyon-web"]["ingress"]
    assert managers == {
        "ports": [{"port": PORTS[0], "endPort": PORTS[-1]}],
        "from": [{"podSelector": {"matchLabels": labels["worker"]}}],
    }
    scaling = found["HorizontalPodAutoscaler", "canyon-worker"]
    assert (scaling["minReplicas"], scaling["maxReplicas"]) == (4, 40)
    assert scaling["scaleTargetRef"]["name"] == "canyon-worker"
    # the number that it sets is not set back by whoever applies the manifest again
    assert "replicas" not in found["Deployment", "canyon-worker"]
    assert found["PersistentVolumeClaim", "canyon-data"]["resources"]["requests"] == {
        "storage": "200000Mi"
    }


@pytest.mark.parametrize("per_job", [1, 3, 4, 10, 99])
def test_each_pod_has_its_own_tiles_and_all_have_all(tmp_path, per_job):
    """The command is run as Kubernetes starts it, which puts one $ in place of two."""
    folder = tmp_path / "a $(touch b) `touch c` $HOME $$ ;d"
    folder.mkdir()
    tiles = Tiles(exported(folder), per_job, "claim of mine")
    text = KUBERNETES.render(Order(tiles, runtime="docker", image=IMAGE))
    (job,) = documents(text)
    tile = containers(text)["tiles"]
    assert tile["volumeMounts"][0]["mountPath"] == str(tiles.folder)
    (volume, _) = job["spec"]["template"]["spec"]["volumes"]
    assert volume["persistentVolumeClaim"]["claimName"] == "claim of mine"
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "eemt-tile").write_text('#!/bin/sh\nprintf "%s|" "$@"\n')
    (programs / "eemt-tile").chmod(0o755)
    lines = []
    for index in range(job["spec"]["completions"]):
        done = subprocess.run(
            [word.replace("$$", "$") for word in tile["command"]],
            env={"PATH": f"{programs}:/usr/bin:/bin", "JOB_COMPLETION_INDEX": str(index)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        seen, between, _ = done.stdout.split("|")
        assert seen == str(tiles.folder)
        first, last = map(int, between.split("-"))
        lines += range(first, last + 1)
    assert lines == list(range(1, 11))
    assert sorted(path.name for path in tmp_path.iterdir()) == [folder.name, "bin"]


def test_what_kubernetes_must_know_is_asked_for(tmp_path):
    page = WebPool(1, password_file(tmp_path))
    with pytest.raises(ArgumentError, match="must know its size: give storage, as 100G"):
        KUBERNETES.render(Order(page, runtime="docker", image=IMAGE))
    with pytest.raises(ArgumentError, match="that holds this folder with claim"):
        KUBERNETES.render(Order(Tiles(exported(tmp_path)), runtime="docker", image=IMAGE))
    with pytest.raises(ArgumentError, match="give autoscale the fewest and the most"):
        WebPool(3, page.web_password_file, most=2)


def test_compose_has_neither_volumes_of_a_size_nor_scaling(tmp_path):
    from eemt_core.submit.targets.compose import COMPOSE

    pool = manifest_orders(tmp_path, "kubernetes")["web"]
    with pytest.raises(ArgumentError, match="compose knows nothing like storage 200000: leave"):
        COMPOSE.render(pool)
