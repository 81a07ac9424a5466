"""Work for another process: what it answers, and how it may end. Its folder must be where modules are found."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy

from benchbench.errors import InputError, Missing, Unavailable


class OwnError(InputError):
    pass


@dataclass(frozen=True)
class Part:
    folder: Path
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Question:
    parts: tuple[Part, ...]
    share: float


@dataclass(frozen=True)
class Reply:
    parts: dict[str, Part | Missing]
    share: float


def reply(question: Question) -> Reply:
    print("chatter of a library")
    return Reply({"first": question.parts[0], "second": Missing("there is none")}, question.share)


def behave(how: str) -> str:
    if how == "unavailable":
        raise Unavailable("no such engine")
    if how == "own":
        raise OwnError("your file is wrong")
    if how == "mistake":
        return dict[str, str]()["a key"]
    if how == "crash":
        print("the engine's last words", file=sys.stderr)
        sys.stderr.flush()
        os.abort()
    if how == "silent":
        os._exit(0)
    if how == "too large":
        os.kill(os.getpid(), 9)
    if how == "rank":
        return Path("/proc/self/oom_score_adj").read_text()
    time.sleep(60)
    return "awake"


@dataclass(frozen=True)
class Where:
    process: int
    parent: int
    imported: bool
    address: int


def where(module: str) -> Where:
    """In which process this runs, whether the module was there before anything asked for it, where large data lies."""
    return Where(os.getpid(), os.getppid(), module in sys.modules, _address_of_data())


def _address_of_data() -> int:
    return numpy.empty(1 << 24, dtype=numpy.uint8).ctypes.data
