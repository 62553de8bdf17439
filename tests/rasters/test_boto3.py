"""boto3 is loaded where rasterio needs it, and not before: it takes long."""

import subprocess
import sys

import pytest

LOADED = "import sys; print(*[name for name in ('boto3', 'botocore') if name in sys.modules])"
PROFILE = "[field]\naws_access_key_id = of-the-file\naws_secret_access_key = secret\n"


def said(code, **variables):
    """Return what a new Python says, which has these variables alone."""
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("begin", ["", "import rasterio; "])
def test_rasters_load_it_only_with_rasterio_itself(begin):
    code = f"{begin}import eemt_core.rasters, rasterio.session; {LOADED}"
    assert said(code) == (["boto3", "botocore"] if begin else [])


def test_rasterio_finds_profiles_as_ever(tmp_path):
    (tmp_path / "credentials").write_text(PROFILE)
    code = (
        "import eemt_core.rasters, rasterio; "
        "env = rasterio.Env(profile_name='field'); "
        "print(type(env.session).__name__, env.session.credentials['aws_access_key_id']); "
        "import boto3, rasterio.session; assert boto3.Session is rasterio.session.boto3.Session; "
        "assert boto3.__spec__ is not None"
    )
    credentials = str(tmp_path / "credentials")
    found = said(code, AWS_SHARED_CREDENTIALS_FILE=credentials, AWS_EC2_METADATA_DISABLED="true")
    assert found == ["AWSSession", "of-the-file"]


def test_a_key_of_the_environment_is_rasterios():
    code = "import eemt_core.rasters, rasterio; print(*rasterio.Env().session.credentials.values())"
    found = said(code, AWS_ACCESS_KEY_ID="here", AWS_SECRET_ACCESS_KEY="secret")
    assert found[:2] == ["here", "secret"]
