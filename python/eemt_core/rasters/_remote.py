"""Rasters on other machines, such as in an object store: their names, and why one is not read.

GDAL reads them nearly like files. Where they are and who may read them it takes from variables of
the environment such as ``AWS_S3_ENDPOINT`` and ``AWS_ACCESS_KEY_ID``.
"""

from __future__ import annotations

import re

from ..errors import InputError
from ._formats import allowed_formats

_REMOTE = re.compile(r"/vsi(?:curl|s3|gs|az|adls|oss|swift|hdfs|webhdfs|mem)\w*/")
# with one slash where a `Path` has made one of two
_STORE = re.compile(r"s3:/{1,2}(?=[^/])")
_MISSING = re.compile(
    r"does not exist in the file system|specified key does not exist|response code: 404"
)
_LONGEST_WORDS = 200


def is_remote(name: str) -> bool:
    """Whether a raster's name, as GDAL expects it, is of something on another machine."""
    return bool(_REMOTE.search(name))


def store_name(name: str) -> str:
    """Return GDAL's name of what is called ``s3://bucket/key``, and other names as they are.

    Examples
    --------
    >>> store_name("s3://maps/dem.tif"), store_name("dem.tif")
    ('/vsis3/maps/dem.tif', 'dem.tif')
    """
    return _STORE.sub("/vsis3/", name, count=1) if _STORE.match(name) else name


def require_allowed(name: str) -> None:
    """Raise `InputError` where files come from strangers: they lead to no other machine."""
    if allowed_formats():
        raise InputError(
            f"{name} lies on another machine", remedy="give a raster file of this machine"
        )


def unreachable(name: str, error: Exception) -> InputError | None:
    """Return what hinders reading a raster on another machine; None if what is there is no raster.

    Parameters
    ----------
    error
        GDAL's, whose words the sentence repeats where we know nothing better.
    """
    words = " ".join(str(error).split())[:_LONGEST_WORDS]
    if "not recognized as being in a supported file format" in words:
        return None
    if "AWS_NO_SIGN_REQUEST" in words:
        return InputError(
            f"there are no credentials to read {name} with",
            remedy="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_NO_SIGN_REQUEST=YES if "
            "everyone may read it",
        )
    if _MISSING.search(words):
        return InputError(f"{name} does not exist", remedy="check the name; capitals count")
    remedy = "check the name, and that the server can be reached"
    if "/vsis3" in name:
        remedy = "check the bucket's name, the credentials, AWS_S3_ENDPOINT and AWS_REGION"
    return InputError(f"{name} cannot be read ({words.rstrip('.')})", remedy=remedy)
