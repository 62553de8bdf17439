"""A store that speaks S3 (moto's server), with a bucket that only one key may read."""

import subprocess

from clusters import kill_group
from free_ports import free_port
from s3_bucket import REGION, command, fill
from web_service import wait_for_port


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
            "AWSREGION": REGION,
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
