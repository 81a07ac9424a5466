import pytest

from benchbench.models.source import ModelSource
from benchbench.studies.workers.footprint import footprint
from benchbench.targets.catalogue import find
from benchbench.targets.protocol import Job, Shape


@pytest.fixture(scope="module")
def profiles(tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    job = Job(ModelSource("tinybert"), find("torch-cpu"), Shape(1, 64))
    return [footprint(job, cache).memory for _ in range(2)]


def test_weights_take_their_bytes_in_memory(profiles):
    four_bytes_each = 14_350_874 * 4  # parameters of the 4-layer, 312-wide model with two labels
    assert profiles[0].weights_bytes == pytest.approx(four_bytes_each, rel=0.05)


def test_peak_repeats_within_three_percent(profiles):
    first, second = (profile.peak_bytes for profile in profiles)
    assert abs(first - second) <= 0.03 * max(first, second)
