"""A worker offers what is ours: the least of machine, affinity, cgroup and batch job."""

import os

import pytest

from eemt_core.errors import ResourceError
from eemt_core.machine import limits as machine

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
    # and a group above, which is not seen, by what version 1 says of it
    stat = f"cache 1\nhierarchical_memory_limit {GB}"
    write(root, "sys/fs/cgroup/memory/pod/task/memory.stat", stat)
    assert memory(root) == 1024


def test_in_a_container_whose_path_is_the_host_s_the_mount_itself_counts(root):
    write(root, "proc/self/cgroup", "0::/../../docker/0123abcd")
    write(root, "sys/fs/cgroup/cpu.max", "100000 100000")
    write(root, "sys/fs/cgroup/memory.max", str(GB))
    assert cores(root) == 1
    assert memory(root) == 1024


@pytest.mark.parametrize(
    "environ",
    [
        {"SLURM_CPUS_PER_TASK": "8", "SLURM_CPUS_ON_NODE": "12"},
        {"NCPUS": "8"}, {"PBS_NUM_PPN": "8"}, {"LSB_DJOB_NUMPROC": "8"}, {"NSLOTS": "8"},
    ],
)  # fmt: skip
def test_a_batch_job_s_cores_count(root, environ):
    assert cores(root, **environ) == 8
    assert cores(root, affinity=4, **environ) == 4


def test_a_batch_job_s_memory_counts_for_the_node_or_for_each_core(root):
    assert memory(root, SLURM_MEM_PER_NODE="32768") == 32768
    assert memory(root, cores=8, SLURM_MEM_PER_CPU="2000") == 16000
    assert memory(root, SLURM_MEM_PER_NODE="0") == 64 * 1024  # Slurm's word for all of it
    assert memory(root, SLURM_MEM_PER_NODE="") == 64 * 1024


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
