"""A run that is killed again and again ends like one that nobody disturbed. `kills.py` does it 200 times by hand."""

import os
import time
from functools import partial

import kills
import light_run
import pandas
import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


def test_a_run_killed_at_10_random_moments_ends_like_an_undisturbed_one(tmp_path):
    calm, killed = (tmp_path / name / "run" for name in ("calm", "killed"))
    work = partial(light_run.main, text=light_run.SMALL)
    started = time.monotonic()
    undisturbed = kills.start(work, calm)
    undisturbed.join()
    assert undisturbed.exitcode == 0
    third = (time.monotonic() - started) / 3  # of what a whole run takes here: some kills hit its start, some its cells
    done = kills.soak(work, killed, 10, seed=0, longest_seconds=third)
    assert {fate: done[fate] for fate in kills.FATES} == dict.fromkeys(kills.FATES, 2)
    pandas.testing.assert_frame_equal(kills.repeatable(killed), kills.repeatable(calm), check_exact=True)
