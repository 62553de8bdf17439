"""A DEM in a store that speaks S3, which the manager alone can reach."""

import json
import sys

import pytest

import s3_bucket
from clusters import SHORT
from host_shells import block, users
from runs import assert_same_maps

pytestmark = pytest.mark.slow

WORKER = "eemt-worker --manager-host alpha --password-file ~/.config/eemt/password"


def test_the_manager_reads_and_workers_need_no_credentials(dem, local, tmp_path):
    with users(tmp_path, dem, SHORT, "alpha", "beta", "store") as (alpha, beta, store):
        server = store.start(" ".join(s3_bucket.command(9000, files=1)))
        server.says("Running on")
        (alpha.host.folder / "DEM.tif").unlink()
        fill = f"{sys.executable} {s3_bucket.__file__} 9000 {dem}"
        said = store.run(fill)
        key, secret = json.loads(said.splitlines()[-1])
        said = alpha.run(block("from-store")[1], code=3)
        assert "there are no credentials to read /vsis3/maps/dem.tif with" in said

        credentials = alpha.host.folder / ".aws" / "credentials"
        credentials.parent.mkdir()
        credentials.write_text(
            f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
        )
        run = alpha.type("from-store")
        run.says("Waiting for workers")
        beta.start(WORKER)
        run.ends()
        out = alpha.host.folder / "from-store"
        assert_same_maps(local, out)
        assert "/vsis3/maps/dem.tif lies on another machine" in run.said
        kept = [path for path in out.rglob("*") if path.is_file()]
        assert not any(secret.encode() in path.read_bytes() for path in kept)
        assert "10.77.0.2" not in server.said
