"""Limits of control groups: both versions, nested, as containers see them, and files that say nothing useful."""

import control_groups
import pytest

from benchbench.machine import cgroups

V1 = {"cpu": "/ cgroup cgroup rw,cpu,cpuacct", "memory": "/ cgroup cgroup rw,memory"}
V2 = {"": "/ cgroup2 cgroup2 rw,nsdelegate"}
IN_V1 = "5:memory:/pod/app\n4:cpu,cpuacct:/pod/app\n1:name=systemd:/elsewhere\n0::/\n"


@pytest.fixture
def groups(tmp_path, monkeypatch):
    def put(membership, mounts, limits):
        control_groups.move(monkeypatch, control_groups.write(tmp_path, membership, mounts, limits))

    return put


@pytest.mark.parametrize(
    ("limits", "cores"),
    [
        ({"pod/app/cpu.max": "150000 100000"}, 1.5),
        ({"pod/app/cpu.max": "max 100000"}, None),
        ({"pod/app/cpu.max": "max 100000", "pod/cpu.max": "50000 100000"}, 0.5),
        ({"pod/app/cpu.max": "400000 100000", "pod/cpu.max": "max 100000", "cpu.max": "20000 10000"}, 2),
        ({"pod/app/cpu.max": "100000 100000", "pod/cpu.max": "800000 100000"}, 1),
        ({"pod/app/cpu.max": "many 100000"}, None),
        ({"pod/app/cpu.max": "100000 0"}, None),
        ({"pod/app/cpu.max": "100000"}, None),
        ({"pod/app/cpu.max": ""}, None),
        ({}, None),
    ],
)
def test_the_tightest_quota_of_version_2_counts(groups, limits, cores):
    groups("0::/pod/app\n", V2, limits)
    assert cgroups.cpu_quota() == cores


@pytest.mark.parametrize(
    ("quotas", "cores"),
    [
        ({"pod/app": 150000}, 1.5),
        ({"pod/app": -1}, None),
        ({"pod/app": 400000, "pod": 100000}, 1),
        ({"other": 1}, None),
    ],
)
def test_the_tightest_quota_of_version_1_counts(groups, quotas, cores):
    limits = {f"cpu/{group}/cpu.cfs_quota_us": str(quota) for group, quota in quotas.items()}
    groups(IN_V1, V1, {**limits, **{f"cpu/{group}/cpu.cfs_period_us": "100000" for group in quotas}})
    assert cgroups.cpu_quota() == cores


def test_a_container_of_version_1_sees_its_own_group_as_the_root(groups):
    group = "/docker/4fd0"
    limits = {"cpu/cpu.cfs_quota_us": "200000", "cpu/cpu.cfs_period_us": "100000", "memory/memory.limit_in_bytes": "9"}
    mounts = {name: described.replace("/", group, 1) for name, described in V1.items()}
    groups(f"3:memory:{group}\n2:cpuacct,cpu:{group}\n", mounts, limits)
    assert (cgroups.cpu_quota(), cgroups.memory_limit_bytes()) == (2, 9)


def test_a_group_outside_of_what_is_mounted_is_bound_by_the_mount(groups):
    groups("0::/../neighbour\n", V2, {"cpu.max": "100000 100000", "../neighbour/cpu.max": "1000 100000"})
    assert cgroups.cpu_quota() == 1


def test_memory_is_limited_by_the_tightest_group_of_either_version(groups):
    groups(
        IN_V1.replace("0::/", "0::/pod"),
        {**V1, "unified": "/ cgroup2 cgroup2 rw"},
        {
            "memory/pod/app/memory.limit_in_bytes": "9223372036854771712",
            "memory/pod/memory.limit_in_bytes": "4294967296",
            "unified/pod/memory.max": "max",
        },
    )
    assert cgroups.memory_limit_bytes() == 4 * 2**30


@pytest.mark.parametrize(
    ("limits", "cores"),
    [
        ({"cpu.max": "100000 100000"}, 1),
        ({"cpu.max": "50000 100000"}, 0.5),
        ({"cpu/cpu.cfs_quota_us": "150000", "cpu/cpu.cfs_period_us": "100000"}, 1.5),
        ({"cpu.max": "max 100000"}, None),
    ],
)
@pytest.mark.parametrize("mounts", [{}, {"elsewhere": "/ tmpfs none rw"}], ids=["no mount", "a mount of another kind"])
def test_limits_in_the_usual_place_count_where_no_mount_names_it(groups, mounts, limits, cores):
    groups("0::/\n", mounts, {})
    for name, text in limits.items():
        file = cgroups.USUAL / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert cgroups.cpu_quota() == cores


@pytest.mark.parametrize("text", ["", "garbage", "0:", ":::::", "0::", "\n\n"])
def test_files_that_say_nothing_set_no_limit(groups, text):
    groups(text, {"": text}, {})
    assert (cgroups.cpu_quota(), cgroups.memory_limit_bytes()) == (None, None)


def test_a_system_without_control_groups_sets_no_limit(tmp_path, monkeypatch):
    control_groups.move(monkeypatch, tmp_path / "nowhere")
    assert (cgroups.cpu_quota(), cgroups.memory_limit_bytes()) == (None, None)
