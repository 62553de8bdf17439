"""What runs and fills a store that speaks S3, with little to import: it is started on hosts, too.

``python tests/support/s3_bucket.py PORT FILE...`` fills a store that runs on this host.
"""

import json
import sys
from pathlib import Path

import boto3

BUCKET = "maps"
REGION = "us-east-1"
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
            service, endpoint_url=f"http://127.0.0.1:{port}", region_name=REGION,
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


if __name__ == "__main__":
    print(json.dumps(fill(int(sys.argv[1]), sys.argv[2:])))
