"""Work done in a fresh Python process: a typed request in, a typed answer out.

`call(work, request)` runs `work`, a function at the top of a module, in a process of its own. Its two annotations say
what goes in and what comes back; both travel as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any, NoReturn, TypeVar, get_type_hints

from pydantic import TypeAdapter, ValidationError

from benchbench.errors import InputError, Unavailable, one_line

Request = TypeVar("Request")
Answer = TypeVar("Answer")

_RAISED = 70  # exit code of a worker whose answer is an error (sysexits.h: EX_SOFTWARE)
_ERRORS: Mapping[str, type[InputError]] = {kind.__name__: kind for kind in (Unavailable, InputError)}
_WATCH_SECONDS = 1.0
_KEPT_CHARACTERS = 10_000
_OOM_SCORE = Path("/proc/self/oom_score_adj")


class ChildFailed(Exception):
    """A worker process gave no answer; the message is one line that says why.

    `details`: the end of its stderr, which a traceback of this error shows too.
    """

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details
        if details:
            self.add_note(details)


@dataclass(frozen=True, slots=True)
class _Raised:
    """`kind`: the name of one of our own errors; of any other error none."""

    kind: str
    message: str


def call(work: Callable[[Request], Answer], request: Request, timeout_seconds: float | None = None) -> Answer:
    """The answer of `work(request)`, run in a fresh process.

    Raises `InputError` or `Unavailable` as `work` raised them, and `ChildFailed` when it raised anything else, crashed,
    was killed (too little memory, most often) or took longer than `timeout_seconds`; then it is killed.
    """
    name = name_of(work)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "benchbench.processes", name],  # the working folder's modules are not ours
            input=question(work, request),
            capture_output=True,
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ChildFailed(f"{name} took longer than {timeout_seconds:.0f} s", _tail(error.stderr)) from None
    return answer_of(work, Ended(done.returncode, done.stdout, done.stderr))


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ran some work: its exit code (below 0: the signal that ended it), its answer, its stderr."""

    code: int
    answer: bytes
    stderr: bytes


def answer_of(work: Callable[[Request], Answer], ended: Ended) -> Answer:
    """What `work` answered in the process that `ended`. Raises what `call` raises."""
    name, details = name_of(work), _tail(ended.stderr)
    if ended.code:
        raise _error(name, ended.code, ended.answer, details)
    try:
        return _types(work)[1].validate_json(ended.answer)
    except ValidationError as error:
        raise ChildFailed(f"{name} gave no answer: {one_line(error)}", details) from error


def question(work: Callable[[Request], Answer], request: Request) -> bytes:
    """What `carry_out` reads in the other process."""
    return _dump(_types(work)[0], request)


def name_of(work: Callable[..., object]) -> str:
    """A function at the top of a module, as another process finds it."""
    return f"{work.__module__}:{work.__qualname__}"


def _error(name: str, code: int, answer: bytes, details: str) -> Exception:
    if code == _RAISED:
        raised = TypeAdapter(_Raised).validate_json(answer)
        known = _ERRORS.get(raised.kind)
        return known(raised.message) if known else ChildFailed(raised.message, details)
    if code == -signal.SIGKILL:  # there was no time for last words
        return ChildFailed(f"{name} was ended by SIGKILL, as Linux does where memory is short", details)
    ending = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    last = next((line for line in reversed(details.splitlines()) if line.strip()), "")
    return ChildFailed(f"{name} {ending}: {one_line(last)}" if last else f"{name} {ending}", details)


def _types(work: Callable[[Request], Answer]) -> tuple[TypeAdapter[Request], TypeAdapter[Answer]]:
    """Of the request and of the answer, from the function's annotations."""
    hints = get_type_hints(work)
    answer = hints.pop("return")
    (request,) = hints.values()
    return TypeAdapter(request), TypeAdapter(answer)


def _dump(adapter: TypeAdapter[Any], value: object) -> bytes:
    """As JSON. Python's own writer keeps what is not finite, which pydantic would write as null."""
    return json.dumps(adapter.dump_python(value, mode="json")).encode()


def _tail(stderr: bytes | None) -> str:
    return (stderr or b"").decode(errors="replace")[-_KEPT_CHARACTERS:]


def _answer(name: str) -> NoReturn:
    """In the fresh process: the request from stdin, the answer to stdout; whatever libraries print goes to stderr.

    Ends with its parent, however that ends: what nobody waits for must not slow what is measured next.
    """
    end_with_parent()
    channel = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    code, answer = carry_out(name, sys.stdin.buffer.read())
    with os.fdopen(channel, "wb") as stream:
        stream.write(answer)
    end(code)


def carry_out(name: str, request: bytes) -> tuple[int, bytes]:
    """In the other process: run the function `name`; the exit code and what it answers."""
    module, _, function = name.partition(":")
    try:
        work = getattr(import_module(module), function)
        asked, answered = _types(work)
        return 0, _dump(answered, work(asked.validate_json(request)))
    except InputError as error:
        kind = next(kind for kind, known in _ERRORS.items() if isinstance(error, known))
        raised = _Raised(kind, str(error))
    except Exception as error:  # whatever it is, the parent must be able to say it
        traceback.print_exc()
        raised = _Raised("", one_line(error))
    return _RAISED, _dump(TypeAdapter(_Raised), raised)


def end(code: int) -> NoReturn:
    """End this process at once: PyTorch and transformers take a second to take themselves apart, for nobody."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def end_with_parent() -> None:
    """From now on this process ends when its parent has, and before it where memory is short: the parent can say so."""
    Thread(target=_end_after, args=(os.getppid(),), daemon=True).start()
    with suppress(OSError):
        _OOM_SCORE.write_text("1000")


def _end_after(parent: int) -> None:
    while os.getppid() == parent:
        sleep(_WATCH_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    _answer(sys.argv[1])
