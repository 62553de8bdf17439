"""``eemt-web``: the page on which runs are submitted, watched and looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..config import read_config, read_variables
from ..sizes import parse_mb, port_in
from .cluster import CLUSTER_NAMES, CONFIG, POOL_OPTIONS, pool_request
from .extra import require_web
from .main import run_command
from .numbers import Real, Whole
from .options import VERSION, GivenPath, Parsed, given_text, with_options
from .web_access import ACCESS_NAMES, ACCESS_OPTIONS, access_settings, writes_keys

if TYPE_CHECKING:
    from ..web.settings import WebSettings

_PATH, _SIZE = GivenPath(), Parsed("size", parse_mb)
_COUNT = Whole(1, 10**6, "it is a limit that somebody may meet")
_FOR_WORKERS = ("password_file", "ssl_cert", "ssl_key")
"""Options of ``eemt-run`` that are the page's own here; those of the pool say ``worker``."""


class Port(Whole):
    """A port to listen on; what Kubernetes sets for a service of this name is understood."""

    def __init__(self) -> None:
        super().__init__(0, 65535, "it is a port of TCP, or 0 for any free one")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the port."""
        return super().convert(port_in(str(value)), param, ctx)


_OPTIONS: tuple[Any, ...] = (
    click.option(
        "--data", type=_PATH, help="Folder of jobs, uploads, results and logs.  [required]"
    ),
    click.option(
        "--host",
        type=Parsed("address", given_text),
        help="Address to listen on.  [default: 127.0.0.1]",
    ),
    click.option(
        "--port", type=Port(), help="Port to listen on; 0 for any free one.  [default: 5000]"
    ),
    click.option(
        "--uploads-dir", type=_PATH, help="Folder of uploaded files.  [default: in --data]"
    ),
    click.option(
        "--results-dir", type=_PATH, help="Folder of the jobs' maps.  [default: in --data]"
    ),
    click.option(
        "--climate-dir",
        type=_PATH,
        help="Folder of climates to choose from, each a folder or a station's table.",
    ),
    click.option(
        "--slots",
        type=Whole(1, 64, "each is a run of its own"),
        help="Runs at a time.  [default: by cores, memory and ports]",
    ),
    # who may come in
    *ACCESS_OPTIONS,
    # limits
    click.option("--largest-upload", type=_SIZE, help="Largest file that is taken.  [default: 4G]"),
    click.option("--most-uploads", type=_COUNT, help="Most files kept at a time.  [default: 200]"),
    click.option("--most-waiting", type=_COUNT, help="Most jobs that wait.  [default: 1000]"),
    click.option(
        "--least-free",
        type=_SIZE,
        help="Disk that stays free: with less, no new job is taken.  [default: 1G]",
    ),
    # cleanup
    click.option(
        "--clean-below",
        type=_SIZE,
        help="Free disk below which the oldest ended jobs go.  [default: never]",
    ),
    click.option(
        "--success-retention-days",
        type=Real(1, 36500, "sooner, maps would go before they are fetched"),
        help="Days after which the maps of completed jobs go.  [default: never]",
    ),
    click.option(
        "--failed-retention-hours",
        type=Real(1, 876000, "sooner, nobody could resume them"),
        help="Hours after which failed and cancelled jobs go.  [default: never]",
    ),
    # the pool
    *POOL_OPTIONS,
    click.option(
        "--worker-password-file", type=_PATH, help="File whose content workers must have too."
    ),
    click.option(
        "--worker-ssl-cert", type=_PATH, help="Certificate of the workers' ports, where it can."
    ),
    click.option("--worker-ssl-key", type=_PATH, help="Key of that certificate."),
    CONFIG,
    VERSION,
)


def _command(**options: Any) -> None:
    """Serve a page on which runs are submitted, watched, looked at and fetched.

    It prints the address to open. Jobs are runs of eemt-run, which go on when this ends and are
    found again when it starts; with --manager-port or a --project of a --catalog their tiles go to
    one pool of workers.
    """
    require_web()
    if writes_keys(options):
        return
    from ..web.serve import serve

    serve(settings_of(options), click.echo)


def settings_of(options: dict[str, Any]) -> WebSettings:
    """Return the settings: options and variables before the file, and this before defaults."""
    from ..web.settings import Retention, WebSettings, default_slots

    file = read_config("master", options["config"]).under(read_variables("master"))
    told = file.values
    if told.get("web_enabled") is False:
        raise click.UsageError(
            f"the page is switched off in {file.origin('web_enabled')}: set enabled to true there"
        )

    def chosen(name: str, in_file: str, default: Any = None) -> Any:
        given = options[name]
        return told.get(in_file, default) if given in (None, ()) else given

    data = chosen("data", "data_dir")
    if data is None:
        raise click.UsageError("Missing option '--data': give a folder for jobs and maps")
    cluster = pool_request(told, _pool_options(options))
    access = access_settings({name: chosen(name, f"web_{name}") for name in ACCESS_NAMES})
    return WebSettings(
        data=data,
        uploads_dir=chosen("uploads_dir", "uploads_dir"),
        results_dir=chosen("results_dir", "results_dir"),
        climate_dir=chosen("climate_dir", "climate_dir"),
        host=chosen("host", "web_host", WebSettings.host),
        port=chosen("port", "web_port", WebSettings.port),
        slots=chosen("slots", "web_slots") or default_slots(cluster),
        cluster=cluster,
        largest_upload_mb=chosen("largest_upload", "largest_upload", WebSettings.largest_upload_mb),
        most_uploads=chosen("most_uploads", "most_uploads", WebSettings.most_uploads),
        most_waiting=chosen("most_waiting", "most_waiting", WebSettings.most_waiting),
        least_free_mb=chosen("least_free", "least_free", WebSettings.least_free_mb),
        clean_below_mb=chosen("clean_below", "clean_below"),
        retention=Retention(
            chosen("success_retention_days", "success_retention_days"),
            chosen("failed_retention_hours", "failed_retention_hours"),
        ),
        **access,
    )


def _pool_options(options: dict[str, Any]) -> dict[str, Any]:
    if (options["worker_ssl_cert"] is None) != (options["worker_ssl_key"] is None):
        raise click.UsageError("--worker-ssl-cert and --worker-ssl-key go together")
    own = {name: options[f"worker_{name}"] for name in _FOR_WORKERS}
    rest = {n: options[n] for n in CLUSTER_NAMES if n not in _FOR_WORKERS and n != "config"}
    return {**rest, **own}


command = click.command("eemt-web", context_settings={"help_option_names": ["-h", "--help"]})(
    with_options(_command, _OPTIONS)
)


def main() -> None:
    """Entry point of ``eemt-web``."""
    run_command(command)
