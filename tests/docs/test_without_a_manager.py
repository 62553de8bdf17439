"""The page on runs without a manager: each of its recipes leaves the bytes of a usual run."""

import os
import re
import shutil
import subprocess

import pytest

from pages import DOCS, ROOT, blocks, environment, run_page

PAGE = DOCS / "without-a-manager.md"
SHELL = [block.text for block in blocks(PAGE) if block.language == "sh"]
SNAKEMAKE = ROOT / "build" / "snakemake" / "bin" / "snakemake"
EXPORT = SHELL[0]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The folder in which the page was followed, from its first block to its last."""
    folder = tmp_path_factory.mktemp("followed")
    run_page(PAGE, folder)
    return folder


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """Maps of the page's run without its detour."""
    folder = tmp_path_factory.mktemp("local")
    sh(EXPORT.replace("--export-tiles tiles", ""), folder)
    return files_of(folder / "out", ".tif")


@pytest.fixture
def fresh(followed, tmp_path):
    """A folder with the page's files, and tiles of which none has been computed."""
    for name in ("Snakefile", "tiles.slurm"):
        shutil.copy(followed / name, tmp_path)
    shutil.copytree(followed / "tiles", tmp_path / "tiles", symlinks=True)
    shutil.rmtree(tmp_path / "tiles" / "results")
    return tmp_path


def sh(text, folder, **variables):
    done = subprocess.run(
        ["sh", "-ec", text],
        cwd=folder,
        env={**environment(), **variables},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files_of(folder, ending=""):
    """Content of all files below a folder by their names."""
    paths = [path for path in folder.rglob(f"*{ending}") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def arrays_of(tiles):
    return files_of(tiles / "results", ".f32")


def block_with(words):
    (found,) = (text for text in SHELL if words in text)
    return found


def test_the_page_leads_to_the_maps_of_a_usual_run(followed, local):
    assert len(local) > 10
    assert files_of(followed / "out", ".tif") == local
    assert files_of(followed / "again", ".tif") == local
    assert (followed / "python-maps" / "run.json").is_file()


@pytest.mark.parametrize("program", ["xargs -P", "parallel -j"])
def test_programs_that_start_many_processes_compute_all(program, followed, fresh):
    sh(block_with(program), fresh)
    assert arrays_of(fresh / "tiles") == arrays_of(followed / "tiles")


def test_a_snakefile_does_it_all_and_once(local, fresh):
    assert SNAKEMAKE.exists(), "Snakemake is missing: make build/snakemake/.installed"
    path = os.pathsep.join([environment()["PATH"], str(SNAKEMAKE.parent)])
    home = {"PATH": path, "HOME": str(fresh)}
    sh(block_with("snakemake --cores"), fresh, **home)
    assert files_of(fresh / "maps", ".tif") == local
    before = (fresh / "maps" / "run.json").stat().st_mtime_ns
    sh(block_with("snakemake --cores"), fresh, **home)
    assert (fresh / "maps" / "run.json").stat().st_mtime_ns == before


def test_an_array_of_slurm_shares_out_the_tiles(followed, fresh):
    asked = {"SLURM_ARRAY_TASK_COUNT": "3"}
    said = [
        sh("bash tiles.slurm", fresh, SLURM_ARRAY_TASK_ID=str(n), **asked).split() for n in (1, 2)
    ]
    named = [[word for word in words if word.startswith("tile-")] for words in said]
    assert named == [["tile-000000", "tile-000003"], ["tile-000001"]]
    (fresh / "missing.txt").write_text("tile-000001\ntile-000002\n")
    assert sh("bash tiles.slurm missing.txt", fresh, SLURM_ARRAY_TASK_ID="3", **asked) == ""
    one = {"SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_COUNT": "1"}
    sh("bash tiles.slurm missing.txt", fresh, **one)
    assert arrays_of(fresh / "tiles") == arrays_of(followed / "tiles")


def test_a_job_of_htcondor_has_the_files_that_it_needs(followed, fresh):
    """The files that its description names are sent to an empty folder, and back."""
    text = (fresh / "tiles" / "tiles.sub").read_text().replace("$(name)", "tile-000003")
    command = dict(re.findall(r"^(\w+)\s*=\s*(.+)$", text, re.MULTILINE))
    job = fresh / "job"
    sent, back = command["transfer_input_files"], command["transfer_output_files"]
    assert command["preserve_relative_paths"] == "true"
    shutil.copytree(fresh / "tiles" / sent, job / sent)
    sh(f"{os.path.basename(command['executable'])} {command['arguments']}", job)
    assert files_of(job / back).keys() == {"result.json", "results.blocks"}
    kept = followed / "tiles" / "results" / "tile-000003"
    assert (job / back / "results.blocks").read_bytes() == (kept / "results.blocks").read_bytes()
    assert re.findall(r"^queue name from (.*)$", text, re.MULTILINE) == ["tiles.txt"]


def test_the_image_has_the_command_where_the_page_says():
    (folder,) = re.findall(r"^ENV PATH=([^:\n]+):", (ROOT / "Containerfile").read_text(), re.M)
    assert f"executable              = {folder}/eemt-tile\n" in PAGE.read_text(encoding="utf-8")


def test_sentences_that_it_explains_stand_in_the_programs():
    sources = "".join(p.read_text() for p in (ROOT / "python" / "eemt_core").rglob("*.py"))
    words = re.sub(r'"\s*f?"', "", re.sub(r"\s+", " ", sources))
    table = PAGE.read_text(encoding="utf-8").split("## Trouble")[1]
    cells = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    quoted = re.findall(r"`([^`]+)`", " ".join(cells))
    assert len(quoted) > 9
    for sentence in quoted:
        part = max(
            re.split(r"\d[\d.]*(?: of \d+)?|(?:holds tiles )?of (?=other)", sentence), key=len
        )
        assert part.strip() in words, sentence
