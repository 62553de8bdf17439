"""A run that another machine goes on with, whose processor has more or fewer instructions."""

import pytest

from eemt_core import instruction_set
from eemt_core.errors import VersionError
from eemt_core.exported import run_exported, tile_names
from eemt_core.files import read_json
from eemt_core.journal import read_status
from eemt_core.manager.collect import collect_tiles
from eemt_core.manager.export import export_tiles
from eemt_core.manager.reporter import Silent
from eemt_core.manager.run import run
from interrupting import Interrupting, finished_tiles
from runs import assert_same_maps, mountains, request, write_dem

LOWEST, USUAL = instruction_set.available()[0], instruction_set.chosen(None)


@pytest.fixture
def asked(tmp_path):
    """Six tiles, without a word on instruction sets."""
    dem = write_dem(tmp_path / "dem.tif", mountains((110, 170)))

    def asked(out, **options):
        return request(dem, tmp_path / out, days=(172,), tile_cells=64, threads=2, **options)

    return asked


@pytest.fixture
def old_processor(monkeypatch):
    """This machine as one that has the lowest instruction set alone, from the call on."""
    return lambda: monkeypatch.setattr(instruction_set, "available", lambda: (LOWEST,))


def interrupted(asked):
    with pytest.raises(KeyboardInterrupt):
        run(asked, Silent(), Interrupting)
    return finished_tiles(asked.out)


def test_a_better_processor_goes_on_with_what_an_old_one_began(asked):
    kept = interrupted(asked("out", instruction_set="base"))
    assert kept
    run(asked("out", resume=True), Silent())
    status = read_status(asked("out").out)
    assert status.run.instruction_set == LOWEST
    assert status.tile_counts.from_earlier == len(kept)
    run(asked("whole", instruction_set="base"), Silent())
    assert_same_maps(asked("whole").out, asked("out").out)
    # and a finished run is finished there too
    run(asked("out", resume=True), Silent())
    assert read_json(asked("out").out / "run.json")["parameters"]["instruction_set"] == LOWEST


@pytest.mark.skipif(LOWEST == USUAL, reason="this processor has one instruction set alone")
def test_an_old_processor_is_told_what_it_lacks_and_loses_nothing(asked, old_processor):
    kept = interrupted(asked("out"))
    old_processor()
    with pytest.raises(VersionError) as told:
        run(asked("out", resume=True), Silent())
    assert told.value.sentence == (
        f"{asked('out').out} holds tiles of instruction set {USUAL}, which this processor lacks; "
        f"it has {LOWEST}: go on where there is one that has it, or begin again with <<overwrite>>"
    )
    assert finished_tiles(asked("out").out) == kept
    run(asked("out", overwrite=True), Silent())
    assert read_status(asked("out").out).run.instruction_set == LOWEST


@pytest.mark.skipif(LOWEST == USUAL, reason="this processor has one instruction set alone")
def test_an_old_processor_collects_what_it_could_not_compute(asked, old_processor, tmp_path):
    exported = export_tiles(asked("unused"), tmp_path / "exported", Silent())
    for name in tile_names(exported):
        run_exported(exported, name)
    run(asked("here"), Silent())
    old_processor()
    collect_tiles(asked("collected"), exported, Silent())
    assert_same_maps(asked("here").out, asked("collected").out)
