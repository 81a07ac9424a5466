"""A run that is killed again and again ends like one that nobody disturbed. `kills.py` does it 200 times by hand."""

import os
import subprocess
import sys
import time

import kills
import light_run
import pandas
import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")

LIGHT_RUN = light_run.__file__


def test_a_run_killed_at_20_random_moments_ends_like_an_undisturbed_one(tmp_path):
    calm, killed = (tmp_path / name / "run" for name in ("calm", "killed"))
    started = time.monotonic()
    subprocess.run([sys.executable, LIGHT_RUN, str(calm)], check=True, capture_output=True)
    third = (time.monotonic() - started) / 3  # of what a whole run takes here: some kills hit its start, some its cells
    done = kills.soak([sys.executable, LIGHT_RUN, str(killed)], killed, 20, seed=0, longest_seconds=third)
    assert {fate: done[fate] for fate in kills.FATES} == dict.fromkeys(kills.FATES, 4)
    pandas.testing.assert_frame_equal(kills.repeatable(killed), kills.repeatable(calm), check_exact=True)
