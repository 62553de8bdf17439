"""What validators of cloud-optimised GeoTIFF say of files."""

import json
import subprocess

from rio_cogeo.cogeo import cog_validate

# GDAL's own script, by the Python that Debian's GDAL belongs to
_GDALS = """
import json, sys
from osgeo import gdal
from osgeo_utils.samples.validate_cloud_optimized_geotiff import validate
gdal.UseExceptions()
for path in sys.argv[1:]:
    warnings, errors, _ = validate(path, full_check=True)
    print(json.dumps([*warnings, *errors]))
"""


def validated(*paths):
    """All that GDAL's validator and rio-cogeo have against any of the files."""
    command = ["/usr/bin/python3", "-c", _GDALS, *paths]
    said = subprocess.run(command, capture_output=True, text=True)
    assert not said.stderr, said.stderr
    by_gdal = [json.loads(line) for line in said.stdout.splitlines()]
    assert len(by_gdal) == len(paths)
    complaints = [line for lines in by_gdal for line in lines]
    for path in paths:
        _, errors, warnings = cog_validate(str(path), strict=True, quiet=True)
        complaints += [*errors, *warnings]
    return complaints
