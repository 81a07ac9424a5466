"""Kept memory comes to a step without the system's pages; what was kept goes back afterwards."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchbench.studies.training.step_memory import keeps_memory, memory_kept

pytestmark = pytest.mark.skipif(not keeps_memory(), reason="another C library")
ELEMENTS = 16 * 2**20  # 64 MiB in fp32, more than glibc keeps by itself


def steps(count):
    for _ in range(count):
        torch.ones(ELEMENTS).add_(torch.ones(ELEMENTS))


def new_pages():
    """Those that the system gives in ten steps, once there were some."""
    steps(3)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    steps(10)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


ALONE = """
from test_step_memory import memory_kept, new_pages, resident

usual = new_pages()
with memory_kept():
    kept, held = new_pages(), resident()
print(usual, kept, held - resident())
"""


def test_memory_that_is_kept_is_not_asked_for_again_and_goes_back_afterwards():
    """In a process of its own, whose heap has no gaps yet."""
    done = subprocess.run(
        [sys.executable, "-c", ALONE],
        cwd=Path(__file__).parent,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    usual, kept, given_back = map(int, done.stdout.split())
    assert kept < usual / 5
    assert given_back > ELEMENTS * 4


def test_it_goes_back_after_an_error_too():
    held = []

    def fail():
        with memory_kept():
            steps(3)
            held.append(resident())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert held[0] - resident() > ELEMENTS * 4
