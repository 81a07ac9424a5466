"""Ways to share cores among processes, and the search for the best of many."""

import pytest

from benchbench.studies.instances import partitions
from benchbench.studies.instances.partitions import Partition

SHAPE, LARGE = "batch 1", "batch 32"


def test_every_divisor_is_a_way_and_no_core_is_left_over():
    assert [str(each) for each in partitions.even(12)] == ["1x12", "2x6", "3x4", "4x3", "6x2", "12x1"]
    assert [str(each) for each in partitions.even(7)] == ["1x7", "7x1"]


def test_each_process_has_whole_cores_of_its_own():
    apart = [[0, 4], [1, 5], [2, 6], [3, 7]]
    assert Partition(2, 2).cpus(apart) == [[0, 4, 1, 5], [2, 6, 3, 7]]
    assert Partition(3, 1).cpus(apart) == [[0, 4], [1, 5], [2, 6]]
    assert Partition(1, 4, queue=True).cpus(apart) == [[0, 4, 1, 5, 2, 6, 3, 7]]


def simulated(best_threads, cores=64):
    """Examples per second of a machine on which a process scales well up to so many threads and worse beyond."""

    def rate(partition):
        threads = partition.threads
        alone = min(threads, best_threads) ** 0.98 + max(0, threads - best_threads) ** 0.5
        crowded = 1 + 0.15 * (partition.processes * best_threads / cores)
        return partition.processes * alone / crowded

    return rate


@pytest.mark.parametrize("best_threads", [1, 2, 4, 8, 16, 32, 64])
def test_on_64_cores_the_best_way_is_among_those_that_are_measured(best_threads):
    rate, asked = simulated(best_threads), []

    def measure(partition):
        asked.append(partition)
        return {SHAPE: rate(partition)}

    found = partitions.worthwhile(64, measure)
    assert max(partitions.even(64), key=rate) in found
    assert partitions.whole(64) in found
    assert len(found) <= 3
    assert len(asked) == len(set(asked)) == 7


def test_each_batch_size_has_its_own_best():
    small, large = simulated(1), simulated(16)
    found = partitions.worthwhile(64, lambda partition: {SHAPE: small(partition), LARGE: large(partition)})
    assert {max(partitions.even(64), key=rate) for rate in (small, large)} <= set(found)


def test_what_could_not_run_is_never_chosen():
    def measure(partition):
        return {SHAPE: simulated(1)(partition)} if partition.processes < 64 else {}

    assert Partition(64, 1) not in partitions.worthwhile(64, measure)


def test_two_cores_leave_nothing_to_search():
    def measure(partition):
        raise AssertionError(partition)

    assert [str(each) for each in partitions.worthwhile(2, measure)] == ["1x2", "2x1"]
