"""A worker offers only what it may use: the minimum of machine, affinity, cgroup and job."""

import os

import pytest

from eemt_core.errors import ResourceError
from eemt_core.machine import job_seconds_left, job_seconds_to_use
from eemt_core.machine import limits as machine
from eemt_core.manager.plan.resources import available_memory_bytes
from runs import eemt_run, mountains, write_dem

GB = 2**30


@pytest.fixture
def root(tmp_path):
    """A machine with 64 GB of memory, 60 GB of them free, and no cgroup."""
    write(tmp_path, "proc/meminfo", f"MemTotal: {64 * GB // 1024} kB\n")
    with (tmp_path / "proc/meminfo").open("a") as file:
        file.write(f"MemFree: 1024 kB\nMemAvailable: {60 * GB // 1024} kB\n")
    return tmp_path


def write(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def cores(root, affinity=16, **environ):
    return machine.cores(root=root, environ=environ, affinity=affinity).amount


def memory(root, cores=None, **environ):
    return machine.memory_limit_mb(root=root, environ=environ, cores=cores).amount


def test_without_any_limit_it_is_the_machine(root):
    assert cores(root) == 16
    assert memory(root) == 64 * 1024


def test_a_cgroup_of_version_2_counts_and_so_do_those_above_it(root):
    write(root, "proc/self/cgroup", "0::/user.slice/job.scope/step")
    write(root, "sys/fs/cgroup/user.slice/cpu.max", "max 100000")
    write(root, "sys/fs/cgroup/user.slice/memory.max", str(32 * GB))
    write(root, "sys/fs/cgroup/user.slice/job.scope/cpu.max", "350000 100000")
    write(root, "sys/fs/cgroup/user.slice/job.scope/memory.max", str(8 * GB))
    write(root, "sys/fs/cgroup/user.slice/job.scope/step/cpu.max", "800000 100000")
    write(root, "sys/fs/cgroup/user.slice/job.scope/step/memory.max", "max")
    assert cores(root) == 4  # three and a half, rounded up
    assert memory(root) == 8 * 1024
    write(root, "sys/fs/cgroup/user.slice/job.scope/step/memory.high", str(2 * GB))
    assert memory(root) == 2 * 1024


def test_a_cgroup_of_version_1_counts_and_so_do_those_above_it(root):
    ours = "4:memory:/slurm/job\n2:cpu,cpuacct:/slurm/job\n1:name=systemd:/"
    write(root, "proc/self/cgroup", ours)
    write(root, "sys/fs/cgroup/cpu,cpuacct/slurm/job/cpu.cfs_quota_us", "-1")
    write(root, "sys/fs/cgroup/cpu,cpuacct/slurm/job/cpu.cfs_period_us", "100000")
    write(root, "sys/fs/cgroup/cpu,cpuacct/slurm/cpu.cfs_quota_us", "200000")
    write(root, "sys/fs/cgroup/cpu,cpuacct/slurm/cpu.cfs_period_us", "100000")
    write(root, "sys/fs/cgroup/memory/slurm/job/memory.limit_in_bytes", str(4 * GB))
    write(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712")
    assert cores(root) == 2
    assert memory(root) == 4 * 1024


def test_the_least_free_memory_of_all_cgroups_counts_with_the_cache_that_is_given_back(root):
    write(root, "proc/self/cgroup", "0::/outer/inner")
    inner, outer = (f"sys/fs/cgroup/{name}" for name in ("outer/inner", "outer"))
    write(root, f"{inner}/memory.max", "max")
    write(root, f"{inner}/memory.current", str(GB))
    write(root, f"{outer}/memory.max", str(4 * GB))
    write(root, f"{outer}/memory.current", str(3 * GB))
    write(root, f"{outer}/memory.stat", f"anon {2 * GB}\ninactive_file {GB // 2}")
    assert machine.free_memory_bytes(root) == 3 * GB // 2
    assert machine.memory_mb(root=root, environ={}).amount == 1536


def test_where_only_the_lower_part_of_the_path_is_mounted_its_groups_count(root):
    write(root, "proc/self/cgroup", "4:memory:/kube/pod/task\n0::/")
    write(root, "sys/fs/cgroup/memory/pod/task/memory.limit_in_bytes", "9223372036854771712")
    write(root, "sys/fs/cgroup/memory/pod/memory.limit_in_bytes", str(2 * GB))
    assert memory(root) == 2048
    # version 1 also reports the limit of a parent group, which is not visible itself
    stat = f"cache 1\nhierarchical_memory_limit {GB}"
    write(root, "sys/fs/cgroup/memory/pod/task/memory.stat", stat)
    assert memory(root) == 1024


def test_in_a_container_whose_path_is_the_host_s_the_mount_itself_counts(root):
    write(root, "proc/self/cgroup", "0::/../../docker/0123abcd")
    write(root, "sys/fs/cgroup/cpu.max", "100000 100000")
    write(root, "sys/fs/cgroup/memory.max", str(GB))
    assert cores(root) == 1
    assert memory(root) == 1024


@pytest.mark.parametrize("name", machine.BATCH_CORES)
def test_a_batch_job_s_cores_count(root, name):
    assert cores(root, **{name: "8"}) == 8
    assert cores(root, affinity=4, **{name: "8"}) == 4
    assert cores(root, **dict.fromkeys(machine.BATCH_CORES, "12") | {name: "8"}) == 8
    for odd in ("", "0", "all", "-3", "1" * 5000):
        assert cores(root, **{name: odd}) == 16


def test_a_batch_job_s_memory_counts_for_the_node_or_for_each_core(root):
    assert memory(root, SLURM_MEM_PER_NODE="32768") == 32768
    assert memory(root, SLURM_CPUS_ON_NODE="8", SLURM_MEM_PER_CPU="2000") == 16000
    # with fewer cores than the job, a worker gets its share; with more, not more than the job
    assert memory(root, cores=2, SLURM_CPUS_ON_NODE="8", SLURM_MEM_PER_CPU="2000") == 4000
    assert memory(root, cores=80, SLURM_CPUS_ON_NODE="8", SLURM_MEM_PER_CPU="2000") == 16000
    assert memory(root, SLURM_MEM_PER_NODE="0") == 64 * 1024  # in Slurm 0 means all memory
    assert memory(root, SLURM_MEM_PER_NODE="") == 64 * 1024


def test_a_batch_job_s_end_is_the_scheduler_s_or_else_the_one_that_was_asked_for():
    def left(**environ):
        return job_seconds_left(environ, now_s=1000.5)

    assert left() is None
    assert left(EEMT_JOB_END="1600") == 599
    assert left(EEMT_JOB_END="1600", SLURM_JOB_END_TIME="1300") == 299
    assert left(SLURM_JOB_END_TIME="900") == 0
    for odd in ("", "0", "soon", "-3", "1" * 5000):
        assert left(SLURM_JOB_END_TIME=odd) is None
        assert left(SLURM_JOB_END_TIME=odd, EEMT_JOB_END="1600") == 599


def test_of_a_batch_job_s_time_some_is_kept_to_end_in():
    def to_use(seconds):
        return job_seconds_to_use({"EEMT_JOB_END": str(1000 + seconds)}, now_s=1000)

    assert [to_use(s) for s in (36000, 720, 719, 60, 1, -9)] == [35820, 540, 540, 45, 1, 0]
    assert job_seconds_to_use({}, now_s=1000) is None


def test_the_system_keeps_its_reserve_and_what_is_taken_is_not_promised(root):
    assert machine.reserve_mb(64 * 1024) == 2048
    assert machine.reserve_mb(16 * 1024) == 819
    assert machine.reserve_mb(2048) == 256
    assert machine.reserve_mb(400) == 100
    free = machine.memory_mb(root=root, environ={})
    assert (free.amount, free.source) == (60 * 1024, "memory that is free")
    job = machine.memory_mb(root=root, environ={"SLURM_MEM_PER_NODE": "16384"})
    assert (job.amount, job.source) == (16384 - 819, "SLURM_MEM_PER_NODE")


def test_nine_tenths_of_the_free_disk_are_promised(tmp_path):
    stat = os.statvfs(tmp_path)
    free = stat.f_bavail * stat.f_frsize // 2**20
    # others write to this disk too
    assert machine.disk_mb(tmp_path).amount == pytest.approx(0.9 * free, rel=0.05)


def test_on_this_machine_everything_is_found():
    assert 1 <= machine.cores(environ={}).amount <= len(os.sched_getaffinity(0))
    assert machine.memory_mb(environ={}).amount >= 100


def test_more_than_there_is_is_warned_of_or_refused(tmp_path):
    asked = machine.offer(4000, 10**9, None, tmp_path)
    assert (asked.cores.amount, asked.memory_mb.amount) == (4000, 10**9)
    assert "4000 cores are more than" in asked.warnings[0]
    assert "tasks may be killed" in asked.warnings[1]
    with pytest.raises(ResourceError, match="free some, or name another folder with work_dir"):
        machine.offer(None, None, 10**12, tmp_path)


def worker_memory_mb(root, environ):
    return machine.memory_mb(root=root, environ=environ).amount


def manager_memory_mb(root, environ):
    return available_memory_bytes(root, environ) / 0.8 / 2**20


def job(root, name):
    """A machine with a limit of 1000 MB or less, set in one of the possible ways."""
    environ = {}
    if name == "Slurm's node":
        environ = {"SLURM_MEM_PER_NODE": "1000"}
    elif name == "Slurm's cores":
        environ = {"SLURM_MEM_PER_CPU": "500", "SLURM_CPUS_PER_TASK": "2"}
    elif name == "version 1":
        write(root, "proc/self/cgroup", "4:memory:/slurm/job/step")
        write(root, "sys/fs/cgroup/memory/slurm/job/memory.limit_in_bytes", str(1000 * 2**20))
    elif name == "version 2":
        write(root, "proc/self/cgroup", "0::/system.slice/job.scope/step")
        write(root, "sys/fs/cgroup/system.slice/job.scope/memory.max", str(1000 * 2**20))
        (root / "sys/fs/cgroup/system.slice/job.scope/step").mkdir()
    elif name == "free in version 2":
        write(root, "proc/self/cgroup", "0::/job")
        write(root, "sys/fs/cgroup/job/memory.max", str(3000 * 2**20))
        write(root, "sys/fs/cgroup/job/memory.current", str(2250 * 2**20))
    return environ


@pytest.mark.parametrize("caller", [worker_memory_mb, manager_memory_mb])
@pytest.mark.parametrize(
    "kind", ["Slurm's node", "Slurm's cores", "version 1", "version 2", "free in version 2"]
)
def test_worker_and_manager_have_the_same_limits(root, caller, kind):
    assert caller(root, job(root, kind)) == pytest.approx(750, abs=1)


@pytest.mark.slow
def test_a_run_in_a_batch_job_keeps_to_the_job_s_memory_and_cores(tmp_path):
    dem = write_dem(tmp_path / "dem.tif", mountains((60, 70)))
    options = (dem, "-o", tmp_path / "out", "--days", "172", "--no-pictures", "--verbose")
    small = eemt_run(*options, env={"SLURM_MEM_PER_NODE": "100"})
    assert small.returncode == ResourceError.exit_code
    assert "MB of memory and 60 MB are free" in small.stderr  # 3/4 of the limit, and 0.8 of that
    one = eemt_run(*options, env={"SLURM_MEM_PER_NODE": "4000", "NCPUS": "1"})
    assert one.returncode == 0, one.stderr
    assert "1 processes of 1 threads" in one.stderr
