"""What validators of cloud-optimised GeoTIFF say of a file."""

import subprocess

from rio_cogeo.cogeo import cog_validate

GDAL_SAYS = "osgeo_utils.samples.validate_cloud_optimized_geotiff"


def validated(path):
    """What GDAL's own validator and rio-cogeo say against a map."""
    asked = ["/usr/bin/python3", "-W", "error", "-m", GDAL_SAYS, "--full-check=yes", path]
    said = subprocess.run(asked, capture_output=True, text=True)
    complaints = [] if "is a valid cloud optimized GeoTIFF" in said.stdout else [said]
    complaints += [line for line in said.stdout.splitlines() if "warning" in line.lower()]
    _, errors, warnings = cog_validate(str(path), strict=True, quiet=True)
    return [*complaints, *errors, *warnings]
