"""The text for each target: the recorded one, good shell, with users' words as they are."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from clusters import kill_group, wait_for
from eemt_core.errors import ArgumentError
from eemt_core.submit.order import Order, Tiles, Workers
from eemt_core.submit.run_in_job import RunInJob
from eemt_core.submit.targets import SCRIPT_TARGETS
from orders import MANAGER, TEXTS, exported, orders, texts

FILES = sorted(path.name for path in TEXTS.iterdir())
SCRIPTS = [name for name in FILES if name.endswith(".sh")]
SHAPE = {
    "slurm": ["--job-name=eemt", "--array=1-1", "--nodes=1", "--ntasks=1", "--signal=TERM@120"],
    "sge": ["-S /bin/bash", "-N eemt", "-t 1-1", "-j y", "-notify"],
    "pbs": ["-N eemt", "-l select=1", "-j oe"],
    "torque": ["-N eemt", "-t 1-1", "-l nodes=1", "-j oe"],
    "lsf": ['-J "eemt[1-1]"'],
}
# told the end, all processes of a job get
LAST_SIGNAL = dict.fromkeys(SCRIPT_TARGETS, signal.SIGTERM) | {"sge": signal.SIGUSR2}


def test_every_text_is_the_recorded_one(tmp_path):
    """``python tests/support/orders.py`` records them anew."""
    made = texts(tmp_path)
    assert sorted(made) == FILES
    for name, text in made.items():
        assert text == (TEXTS / name).read_text(), name


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_good_shell(name):
    subprocess.run(["bash", "-n", TEXTS / name], check=True)
    found = subprocess.run(
        ["shellcheck", "--severity=style", TEXTS / name], capture_output=True, text=True
    )
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("target", SCRIPT_TARGETS)
def test_what_is_not_given_is_not_written(target):
    """Only the shape of the jobs, which the work itself needs."""
    mark = SCRIPT_TARGETS[target].mark
    lines = (TEXTS / f"{target}-plain.sh").read_text().splitlines()
    found = [line.removeprefix(f"{mark} ") for line in lines if line.startswith(f"{mark} ")]
    assert found == SHAPE[target]


@pytest.fixture
def job(tmp_path):
    """Runs a script as a job would, with recorders in place of all programs but the shell's."""
    programs, work = tmp_path / "bin", tmp_path / "work"
    programs.mkdir()
    work.mkdir()

    def run(target, order, *recorded, **variables):
        recorder = (
            f"#!{sys.executable}\n"
            "import json, os, sys\n"
            f"json.dump([sys.argv, dict(os.environ), os.listdir({str(work)!r})], "
            f"open({str(tmp_path / 'record')!r}, 'w'))\n"
        )
        stubs = dict.fromkeys(recorded, recorder)
        # starts what comes behind its own options
        stubs["scancel"] = "#!/bin/bash\n"
        stubs["srun"] = '#!/bin/bash\nwhile [[ $1 == --* ]]; do shift; done\n"$@"\n'
        for name, text in stubs.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        path = f"{programs}:/usr/bin:/bin"
        done = subprocess.run(
            ["bash"],
            input=SCRIPT_TARGETS[target].render(order),
            env={
                "PATH": path,
                "TMPDIR": str(work),
                "SLURM_CPUS_ON_NODE": "2",
                SCRIPT_TARGETS[target].array_index: "2",
                **variables,
            },
            cwd=work,
            capture_output=True,
            text=True,
            timeout=60,
        )
        left = os.listdir(work)
        record = tmp_path / "record"
        return done, json.loads(record.read_text()) if record.exists() else None, left

    return run


@pytest.mark.parametrize("target", SCRIPT_TARGETS)
def test_the_first_job_is_the_manager_and_every_other_finds_it(job, target, hostile):
    arguments = ("a 'b' \"c\" $HOME `d` \\ *,?", "--days", "1,172")
    out, password = hostile / "out", hostile / "password"
    order = Order(RunInJob(out, arguments, hostile, 2, password))
    index = SCRIPT_TARGETS[target].array_index
    variables = {"SLURM_ARRAY_JOB_ID": "7", index: "1"}
    done, (words, _, _), left = job(target, order, "eemt-run", **variables)
    assert (done.returncode, left) == (0, []), done.stderr
    assert words[1:] == [
        *arguments, "-o", str(out), "--resume", "--manager-port", "0", "--workers", "1",
        "--password-file", str(password),
    ]  # fmt: skip
    done, (words, _, _), left = job(target, order, "eemt-worker", **{**variables, index: "2"})
    assert (done.returncode, left) == (0, []), done.stderr
    assert words[1:5] == [
        "--manager-file", str(out / "manager.json"), "--password-file", str(password),
    ]  # fmt: skip
    given = Order(RunInJob(out, arguments, hostile, has_port=True, has_workers=True))
    assert "--manager-port" not in SCRIPT_TARGETS[target].render(given)
    assert "--workers" not in SCRIPT_TARGETS[target].render(given)


@pytest.mark.parametrize("target", SCRIPT_TARGETS)
def test_a_worker_gets_every_word_as_it_was_given_and_leaves_nothing(job, target, hostile):
    project = "a 'b' \"c\" $HOME `d` \\ *"
    password = hostile / "password"
    work = Workers(1, (), project, MANAGER, password)
    order = Order(work, memory_mb=8000, disk_mb=1000, time_s=3600)
    memory = "auto" if target == "slurm" else "7600M"  # less what the system keeps
    done, (words, environment, there), left = job(target, order, "eemt-worker")
    assert done.returncode == 0, done.stderr
    assert words[1:-1] == [
        "--project", project, "--catalog", str(MANAGER), "--password-file", str(password),
        "--cores", "auto", "--memory", memory, "--disk", "900M", "--wall-time", "auto",
        "--work-dir",
    ]  # fmt: skip
    assert [Path(words[-1]).name] == there
    assert left == []
    assert abs(int(environment["EEMT_JOB_END"]) - Path(words[0]).stat().st_mtime - 3600) < 60
    assert "secret" not in f"{words}{environment}{done.stdout}{done.stderr}"


@pytest.mark.parametrize("target", SCRIPT_TARGETS)
@pytest.mark.parametrize(("index", "lines"), [(1, "1-4"), (2, "5-8"), (3, "9-10")])
def test_each_job_has_its_own_tiles_and_all_have_all(job, target, hostile, index, lines):
    order = Order(Tiles(hostile / "tiles", 4))
    variable = SCRIPT_TARGETS[target].array_index
    done, (words, _, _), left = job(target, order, "eemt-tile", **{variable: str(index)})
    assert done.returncode == 0, done.stderr
    assert words[1:] == ["--wall-time", "auto", str(hostile / "tiles"), lines]
    assert left == []


@pytest.mark.parametrize("target", SCRIPT_TARGETS)
def test_without_one_on_the_path_this_installation_s_is_started(job, target, tmp_path, hostile):
    shutil.copy(shutil.which("true"), hostile / "eemt-worker")
    order = Order(Workers(1, (MANAGER,)), programs=hostile)
    assert job(target, order)[0].returncode == 0
    done = job(target, replace(order, programs=tmp_path))[0]
    assert done.returncode != 0
    assert f"{tmp_path}/eemt-worker" in done.stderr


@pytest.mark.parametrize("target", SCRIPT_TARGETS)
def test_lines_of_setup_come_first_and_may_do_what_the_strict_mode_forbids(job, target):
    setup = ('false; : "$unset_before"', "export CHOSEN='by the user'")
    order = Order(Workers(1, (MANAGER,)), setup=setup)
    done, (_, environment, _), _ = job(target, order, "eemt-worker")
    assert done.returncode == 0, done.stderr
    assert environment["CHOSEN"] == "by the user"


@pytest.mark.parametrize("target", SCRIPT_TARGETS)
@pytest.mark.parametrize("name", ["podman", "docker-tiles", "apptainer", "apptainer-tiles"])
def test_a_container_sees_its_folder_the_file_it_needs_and_the_job_s_variables(
    job, target, tmp_path, name
):
    order = orders(tmp_path, target)[name]
    done, (words, environment, there), left = job(target, order, order.runtime, NSLOTS="3")
    if order.runtime == "apptainer":
        assert done.returncode == 0, done.stderr
        told = {key: text for key, text in environment.items() if key.startswith("APPTAINERENV_")}
        assert told["APPTAINERENV_NSLOTS"] == "3"
        assert told["APPTAINERENV_SLURM_MEM_PER_NODE"] == ""
        mounts = [words[n + 1] for n, word in enumerate(words) if word == "--bind"]
        mounts[0] = f"{mounts[0]}:{mounts[0]}"
    else:
        # the recorder is called once more, to remove the container
        assert words[1:3] == ["rm", "--force"]
        assert words[3:] == there
        text = shlex.split(SCRIPT_TARGETS[target].render(order), comments=True)
        mounts = [text[n + 1] for n, word in enumerate(text) if word == "--volume"]
        mounts[0] = f"{tmp_path}/work/{words[3]}:{tmp_path}/work/{words[3]}"
        assert "NSLOTS" in text
    work = order.work
    needed = work.password_file if isinstance(work, Workers) else work.folder
    mode = ":ro" if isinstance(work, Workers) else ""
    assert mounts == [
        f"{tmp_path}/work/{there[0]}:{tmp_path}/work/{there[0]}",
        f"{needed}:{needed}{mode}",
    ]
    assert left == []


@pytest.mark.parametrize("target", SCRIPT_TARGETS)
def test_a_job_that_is_told_to_end_waits_for_its_command_and_leaves_nothing(tmp_path, target):
    """All its processes are told, as batch systems do, and only the command hears it."""
    programs, work = tmp_path / "bin", tmp_path / "work"
    programs.mkdir()
    work.mkdir()
    (programs / "eemt-worker").write_text(
        f"#!{sys.executable}\n"
        "import pathlib, signal, sys, time\n"
        f"place = pathlib.Path({str(tmp_path)!r})\n"
        "def end(*_):\n"
        "    time.sleep(0.5)\n"
        f"    (place / 'told').write_text(str(len(list((place / 'work').iterdir()))))\n"
        "    sys.exit(7)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "(place / 'begun').touch()\n"
        "time.sleep(600)\n"
    )
    (programs / "srun").write_text(
        '#!/bin/bash\nwhile [[ $1 == --* ]]; do shift; done\nexec "$@"\n'
    )
    for path in programs.iterdir():
        path.chmod(0o755)
    script = tmp_path / "script"
    script.write_text(SCRIPT_TARGETS[target].render(Order(Workers(1, (MANAGER,)))))
    process = subprocess.Popen(
        ["bash", script],
        env={"PATH": f"{programs}:/usr/bin:/bin", "TMPDIR": str(work), "SLURM_CPUS_ON_NODE": "1"},
        start_new_session=True,
    )
    try:
        wait_for((tmp_path / "begun").exists)
        os.killpg(process.pid, LAST_SIGNAL[target])
        assert process.wait(120) == 7
    finally:
        kill_group(process)
    assert (tmp_path / "told").read_text() == "1"  # its folder was there to the end
    assert list(work.iterdir()) == []


@pytest.mark.parametrize("target", SCRIPT_TARGETS)
@pytest.mark.parametrize("program", ["mktemp", "mkdir", "rm"])
def test_a_job_that_is_told_to_end_at_its_beginning_or_end_leaves_nothing(
    tmp_path, target, program
):
    """All its processes are told, when one of these programs has just done its work or begins."""
    programs, work = tmp_path / "bin", tmp_path / "work"
    programs.mkdir()
    work.mkdir()
    tells, does = f"kill -{LAST_SIGNAL[target].name[3:]} 0", f'{shutil.which(program)} "$@"'
    lines = {
        "srun": 'while [[ $1 == --* ]]; do shift; done; exec "$@"',
        "eemt-worker": "exit 0",
        program: f"{tells}; {does}" if program == "rm" else f"{does}; {tells}",
    }
    for name, line in lines.items():
        (programs / name).write_text(f"#!/bin/bash\n{line}\n")
        (programs / name).chmod(0o755)
    process = subprocess.Popen(
        ["bash", "-c", SCRIPT_TARGETS[target].render(Order(Workers(1, (MANAGER,))))],
        env={"PATH": f"{programs}:/usr/bin:/bin", "TMPDIR": str(work), "SLURM_CPUS_ON_NODE": "1"},
        start_new_session=True,
    )
    try:
        code = process.wait(30)
    finally:
        kill_group(process)
    assert code == 0 if program == "rm" else code in (143, -LAST_SIGNAL[target])
    assert list(work.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "given", "sentence"),
    [
        ("sge", {"cores": 2}, "name one that keeps to one machine with parallel_env"),
        ("sge", {"name": "4th"}, "whose name begins with a digit"),
        ("sge", {"name": "été"}, "has no jobs with letters as in 'été'"),
        ("sge", {"queue": "a#b"}, "Grid Engine cannot read '#' in 'a#b': give another queue"),
        ("sge", {"log_folder": Path("/a b,c")}, "Grid Engine cannot read ',' in 'b,c'"),
        ("sge", {"qos": "high"}, "sge knows nothing like qos high: leave qos out"),
        ("slurm", {"parallel_env": "smp"}, "slurm knows nothing like parallel env smp"),
        ("slurm", {"log_folder": Path("/a\\b")}, "without backslashes"),
        ("lsf", {"log_folder": Path("/100%")}, "LSF cannot read '%' in '/100%'"),
        ("pbs", {"log_folder": Path("/a:b")}, "PBS cannot read ':' in '/a:b'"),
        ("torque", {"account": "a b"}, "Torque cannot read ' ' in 'a b': give another account"),
        ("lsf", {"constraint": 'a"b'}, """LSF cannot read '"' in 'a"b'"""),
    ],
)
def test_what_a_batch_system_cannot_be_told_is_refused(target, given, sentence):
    with pytest.raises(ArgumentError, match=re.escape(sentence)):
        SCRIPT_TARGETS[target].render(replace(Order(Workers(1, (MANAGER,))), **given))


@pytest.mark.parametrize("target", SCRIPT_TARGETS)
def test_disk_that_nobody_is_asked_for_is_refused(target, hostile):
    """Workers are told what to offer of it; tiles have only the batch system to ask."""
    exported(hostile / "tiles")
    asked = {"slurm": "--tmp=1000M", "lsf": "rusage[tmp=1000MB]"}
    render, order = SCRIPT_TARGETS[target].render, Order(Tiles(hostile / "tiles"), disk_mb=1000)
    if target in asked:
        assert asked[target] in render(order)
    else:
        with pytest.raises(ArgumentError, match=f"{target} knows nothing like disk: leave disk"):
            render(order)
    assert "--disk 900M" in render(replace(order, work=Workers(1, (MANAGER,)))).replace("\\\n", "")
