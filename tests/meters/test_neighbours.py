"""Who took CPU time, from texts as the kernel writes them; which rounds stay; what is said."""

import subprocess
import sys
import time

import pytest

from benchbench.machine import usable_cpus
from benchbench.meters import neighbours
from benchbench.meters.neighbours import Counters, CpuTimes, Disturbance, Stretch

STAT = """\
cpu  1003 200 300 9000 40 50 60 7 11 0
cpu0 501 100 100 4500 20 25 30 3 5 0
cpu1 502 100 200 4500 20 25 30 4 6 0
intr 4458175 0 0
ctxt 123
"""


@pytest.mark.parametrize(
    ("cpus", "expected"),
    [
        ((0, 1), CpuTimes(busy=1503, stolen=7)),
        ((1,), CpuTimes(busy=802, stolen=4)),
        ((1, 2), None),  # a processor that the text does not know
        ((), None),
    ],
)
def test_times_are_those_of_the_cores_that_may_be_used(cpus, expected):
    assert neighbours.cpu_times(STAT, cpus) == expected


@pytest.mark.parametrize(
    "text",
    ["", "cpu", "cpu  1 2 3 4\ncpu0 1 2 3 4", "cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0", "processor : 0"],
)
def test_a_system_without_counters_claims_nothing(text, tmp_path, monkeypatch):
    assert neighbours.cpu_times(text, (0,)) is None
    (tmp_path / "stat").write_text(text)
    monkeypatch.setattr(neighbours, "_PROC_STAT", tmp_path / "stat")
    assert neighbours.counters() is None
    watch = neighbours.Watch()
    for _ in range(5):
        watch.round_ended()
    watch.close()
    assert list(watch.kept()) == [True] * 5
    assert watch.disturbance() is None
    assert neighbours.note([watch.disturbance()]) == ""


def test_what_this_process_ran_is_not_foreign():
    before = Counters(10.0, 2, CpuTimes(1000, 50), own_seconds=4.0, switches=3)
    after = Counters(12.0, 2, CpuTimes(1350, 90), own_seconds=6.5, switches=8)
    found = neighbours.between(before, after)
    assert found == Disturbance(2.0, 2, foreign_seconds=1.0, stolen_seconds=0.4, own_seconds=2.5, switches=5)
    assert found.share == pytest.approx(0.35)
    assert neighbours.between(None, after) is None


def test_counters_that_are_rounded_down_give_no_negative_time():
    before = Counters(10.0, 2, CpuTimes(1000, 0), own_seconds=4.0, switches=0)
    after = Counters(10.5, 2, CpuTimes(1040, 0), own_seconds=4.41, switches=0)
    assert neighbours.between(before, after).foreign_seconds == 0


def ran(foreign, seconds=1.0, cores=2, stolen=0.0):
    return Disturbance(seconds, cores, foreign * seconds, stolen * seconds, own_seconds=0.0, switches=0)


@pytest.mark.parametrize(
    ("found", "disturbs"),
    [
        (ran(0.05), False),  # the services of an idle machine
        (ran(0.9), True),  # a busy neighbour
        (ran(0.9, cores=64), True),  # the same on a large machine
        (ran(0.3, cores=64), False),
        (ran(0.0, stolen=0.5), True),  # another machine on the host
        (ran(0.25, seconds=0.1), False),  # 25 ms of a tenth of a second are two ticks and little more
        (ran(0.25, seconds=10.0), True),
    ],
)
def test_a_neighbour_disturbs_by_a_tenth_of_the_cores_or_half_a_core(found, disturbs):
    assert found.disturbs == disturbs


QUIET, BUSY = ran(0.02), ran(0.9)


@pytest.mark.parametrize(
    ("stretches", "stay"),
    [
        ([(4, QUIET), (4, BUSY), (4, QUIET)], [True, False, True]),
        ([(1, QUIET), (9, BUSY)], [True, True]),  # too few
        ([(3, QUIET), (9, BUSY)], [True, False]),
        ([(1, QUIET), (1, BUSY)], [True, True]),  # one round is no measurement
        ([(4, BUSY), (4, BUSY)], [True, True]),
        ([(4, None), (4, None)], [True, True]),
    ],
)
def test_disturbed_rounds_go_where_enough_others_are_left(stretches, stay):
    assert list(neighbours.undisturbed([Stretch(rounds, found) for rounds, found in stretches])) == stay


def test_what_is_said_is_a_share_of_the_time_of_all_cores():
    assert neighbours.note([QUIET, None]) == ""
    assert neighbours.note([BUSY, BUSY]) == "45 % of CPU time went to other processes"
    assert neighbours.note([ran(0.6, stolen=0.2)]) == (
        "40 % of CPU time went to other processes, 25 % of that to other machines on the same host"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="no such counters")
def test_a_busy_process_is_seen_and_one_that_sleeps_is_not():
    def beside(code):
        process = subprocess.Popen([sys.executable, "-c", code])
        try:
            time.sleep(0.5)
            before = neighbours.counters()
            time.sleep(2)
            return neighbours.between(before, neighbours.counters())
        finally:
            process.kill()
            process.wait()

    # What else runs on this machine takes time too: as long as all cores are not full, a busy loop adds a core's worth.
    asleep, busy = beside("import time; time.sleep(60)"), beside("while True: pass")
    full = 0.9 * busy.seconds * len(usable_cpus())
    assert busy.foreign_seconds > min(full, asleep.foreign_seconds + 0.5 * busy.seconds)
    assert busy.disturbs
