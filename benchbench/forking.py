"""Processes for work that have their libraries already: forked from one that has imported them.

To import PyTorch and transformers takes longer than a first measurement does. Forked processes share what is imported
and where that lies in memory; what they load is each one's own, and lies elsewhere in each, as in fresh processes
(`benchmarks/forked_spread.py` compares the times of both).
"""

from __future__ import annotations

import mmap
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Protocol

from benchbench import processes
from benchbench.processes import Answer, Request

_MOST_PIECES, _MOST_PAGES = 512, 256  # of address space that a forked process leaves empty
_REQUEST, _ANSWER, _CHATTER = "request", "answer", "chatter"  # files of a call


class Calls(Protocol):
    """As `processes.call`: the answer of a function at the top of a module, run in a process of its own."""

    def __call__(self, work: Callable[[Request], Answer], request: Request) -> Answer: ...


@contextmanager
def with_imports(modules: Sequence[str]) -> Iterator[Calls]:
    """What calls work in processes that have imported `modules`, which must start no threads and hold no device.

    Without `modules`, and elsewhere than on Linux, where libraries may not survive a fork, each process is a fresh one.
    """
    if not modules or sys.platform != "linux":
        yield processes.call
        return
    command = [sys.executable, "-P", "-m", "benchbench.forking", *dict.fromkeys(modules)]
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    with (
        TemporaryDirectory(prefix="benchbench-", ignore_cleanup_errors=True) as folder,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing, bufsize=0) as parent,
    ):
        try:
            yield _Forked(parent, Path(folder))
        finally:
            parent.kill()  # and with it, within a second, what it forked


class _Forked:
    """Calls work in processes that the `parent` forks, one at a time; a parent that has died is done without."""

    def __init__(self, parent: subprocess.Popen[bytes], folder: Path) -> None:
        self._parent, self._folder = parent, folder

    def __call__(self, work: Callable[[Request], Answer], request: Request) -> Answer:
        (self._folder / _REQUEST).write_bytes(processes.question(work, request))
        code = self._ended(processes.name_of(work))
        if code is None:
            return processes.call(work, request)
        answer, chatter = ((self._folder / part).read_bytes() for part in (_ANSWER, _CHATTER))
        return processes.answer_of(work, processes.Ended(code, answer, chatter))

    def _ended(self, name: str) -> int | None:
        """The exit code of a process forked for the function `name`; None where nothing forked it."""
        for part in (_ANSWER, _CHATTER):
            (self._folder / part).write_bytes(b"")
        to, back = self._parent.stdin, self._parent.stdout
        assert to is not None
        assert back is not None
        try:
            to.write(f"{name} {self._folder}\n".encode())
            return int(back.readline())
        except (BrokenPipeError, ValueError):
            return None


def _serve(asked: IO[str]) -> None:
    """Fork a process for each line that is asked, and say how it ended; until nobody can ask any more."""
    processes.end_with_parent()
    for line in asked:
        name, _, folder = line.rstrip("\n").partition(" ")
        child = os.fork()
        if not child:
            _work(name, Path(folder))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _work(name: str, folder: Path) -> None:
    """In the forked process, to its end."""
    _apart = _shifted_layout()
    with (folder / _CHATTER).open("wb", buffering=0) as chatter, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(chatter.fileno(), 1)
        os.dup2(chatter.fileno(), 2)
    processes.end_with_parent()
    code, answer = processes.carry_out(name, (folder / _REQUEST).read_bytes())
    (folder / _ANSWER).write_bytes(answer)
    sys.exit(code)


def _shifted_layout() -> list[mmap.mmap]:
    """Pieces of address space of random sizes that stay empty: what is mapped while they are held lies around them."""
    chance = random.SystemRandom()
    sizes = [chance.randrange(1, _MOST_PAGES) * mmap.PAGESIZE for _ in range(chance.randrange(_MOST_PIECES))]
    return [mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) for size in sizes]


if __name__ == "__main__":
    for module in sys.argv[1:]:
        import_module(module)
    _serve(sys.stdin)
