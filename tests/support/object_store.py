"""A store that speaks S3 (moto's server), with a bucket that only one key may read.

``python tests/support/object_store.py PORT FILE...`` fills a store that runs on this host.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3

from clusters import free_port, kill_group
from web_service import wait_for_port

BUCKET = "maps"
_REGION = "us-east-1"
_READS = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}


def command(port, files):
    """Return the command that runs a store to be filled with so many files."""
    # the bucket, a user, what it may do, its key: then only who has a key is answered
    return ["env", f"INITIAL_NO_AUTH_ACTION_COUNT={files + 4}", sys.executable, "-m",
            "moto.server", "--host", "0.0.0.0", "--port", str(port)]  # fmt: skip


def fill(port, files):
    """Put files into the bucket; return an identifier and its secret, with which it can be read."""

    def client(service):
        return boto3.client(
            service, endpoint_url=f"http://127.0.0.1:{port}", region_name=_REGION,
            aws_access_key_id="anybody", aws_secret_access_key="anything",
        )  # fmt: skip

    store, users = client("s3"), client("iam")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [_READS]})
    store.create_bucket(Bucket=BUCKET)
    for file in map(Path, files):
        store.put_object(Bucket=BUCKET, Key=file.name, Body=file.read_bytes())
    users.create_user(UserName="ada")
    users.put_user_policy(UserName="ada", PolicyName="maps", PolicyDocument=policy)
    key = users.create_access_key(UserName="ada")["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


class ObjectStore:
    """A store on this machine that runs until the context ends.

    Attributes
    ----------
    variables
        What GDAL has to know to read from it.
    """

    def __init__(self, folder, *files):
        self._files, self._log = files, folder / "store.log"
        self._port = free_port()
        self._process = None

    def __enter__(self):
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command(self._port, len(self._files)),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_for_port(self._port, self._process, self._log)
            identifier, secret = fill(self._port, self._files)
        except BaseException:
            self.close()
            raise
        self.variables = {
            "AWS_S3_ENDPOINT": f"127.0.0.1:{self._port}",
            "AWS_HTTPS": "NO",
            "AWS_VIRTUAL_HOSTING": "FALSE",
            "AWS_REGION": _REGION,
            "AWS_ACCESS_KEY_ID": identifier,
            "AWS_SECRET_ACCESS_KEY": secret,
        }
        return self

    def __exit__(self, *_):
        self.close()

    def requests(self):
        """How many requests it has had."""
        return self._log.read_text().count(" HTTP/1.1")

    def close(self):
        kill_group(self._process)


if __name__ == "__main__":
    os.environ.pop("AWS_PROFILE", None)
    print(json.dumps(fill(int(sys.argv[1]), sys.argv[2:])))
