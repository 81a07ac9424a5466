"""Processes for work that have their libraries already: forked from one that has imported them.

To import PyTorch and transformers takes longer than a first measurement does. Forked processes share what is imported
and where that lies in memory; what they load is each one's own, and lies elsewhere in each, as in fresh processes
(`benchmarks/forked_spread.py` compares the times of both).
"""

from __future__ import annotations

import gc
import mmap
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NoReturn, Protocol

from benchbench import processes
from benchbench.processes import Answer, Request

_MOST_PIECES, _MOST_PAGES = 512, 256  # of address space that a forked process leaves empty


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
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    with TemporaryFile() as request, TemporaryFile() as answer, TemporaryFile() as chatter:
        shared = [file.fileno() for file in (request, answer, chatter)]  # without a name, so that nothing stays
        command = [sys.executable, "-P", "-m", "benchbench.forking", *map(str, shared), *dict.fromkeys(modules)]
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing, bufsize=0, pass_fds=shared) as parent:
            try:
                forked = _Forked(parent, request, answer, chatter)
                forked.line()  # once all is imported
                yield forked
            finally:
                parent.kill()  # and with it, within a second, what it forked


@dataclass(frozen=True)
class _Forked:
    """Calls work in processes that the `parent` forks, one at a time; a parent that has died is done without.

    The three files are open in all of them.
    """

    parent: subprocess.Popen[bytes]
    request: IO[bytes]
    answer: IO[bytes]
    chatter: IO[bytes]

    def __call__(self, work: Callable[[Request], Answer], request: Request) -> Answer:
        for file in (self.request, self.answer, self.chatter):
            file.seek(0)
            file.truncate()
        self.request.write(processes.question(work, request))
        self.request.flush()
        self.request.seek(0)
        code = self._ended(processes.name_of(work))
        if code is None:
            return processes.call(work, request)
        self.answer.seek(0)
        self.chatter.seek(0)
        return processes.answer_of(work, processes.Ended(code, self.answer.read(), self.chatter.read()))

    def line(self) -> bytes:
        """The next that the parent says; empty where it has died."""
        assert self.parent.stdout is not None
        return self.parent.stdout.readline()

    def _ended(self, name: str) -> int | None:
        """The exit code of a process forked for the function `name`; None where nothing forked it."""
        assert self.parent.stdin is not None
        try:
            self.parent.stdin.write(f"{name}\n".encode())
            return int(self.line())
        except (BrokenPipeError, ValueError):
            return None


def _serve(names: IO[str], says: IO[str], request: int, answer: int, chatter: int) -> None:
    """Fork a process for each of the `names` of functions, and say how it ended; until nobody can ask any more.

    The files, by their descriptors: where the request is, and where the answer and what libraries print go.
    """
    processes.end_with_parent()
    for name in names:
        child = os.fork()
        if not child:
            _work(name.strip(), request, answer, chatter)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=says, flush=True)


def _work(name: str, request: int, answer: int, chatter: int) -> NoReturn:
    """In the forked process, to its end."""
    _apart = _shifted_layout()
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(chatter, 1)
    os.dup2(chatter, 2)
    processes.end_with_parent()
    with open(request, "rb") as asked, open(answer, "wb") as answered:
        code, said = processes.carry_out(name, asked.read())
        answered.write(said)
    processes.end(code)


def _shifted_layout() -> list[mmap.mmap]:
    """Pieces of address space of random sizes that stay empty: what is mapped while they are held lies around them."""
    chance = random.SystemRandom()
    sizes = [chance.randrange(1, _MOST_PAGES) * mmap.PAGESIZE for _ in range(chance.randrange(_MOST_PIECES))]
    return [mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) for size in sizes]


if __name__ == "__main__":
    _descriptors, _modules = sys.argv[1:4], sys.argv[4:]
    _says = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever libraries print when they are imported
    gc.disable()  # imports leave next to no garbage, and looking for it takes a seventh of their time
    for _module in _modules:
        import_module(_module)
    gc.freeze()  # nor do the forked processes look there
    gc.enable()
    print(file=_says, flush=True)
    _serve(sys.stdin, _says, *map(int, _descriptors))
