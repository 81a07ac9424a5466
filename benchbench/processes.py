"""Work done in a fresh Python process: one JSON request in, one JSON answer out.

Parent: `call("benchbench.studies.workers.footprint_worker", request)`. Worker, run as a module: `answer(work)`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from threading import Thread
from time import sleep
from typing import Any

from benchbench.errors import InputError, Unavailable

_ERRORS: Mapping[str, type[InputError]] = {"InputError": InputError, "Unavailable": Unavailable}
_KEPT_LINES = 1
_WATCH_SECONDS = 1.0


class ChildFailed(Exception):
    """A worker process ended without an answer; the message is one line that says how."""


def call(
    module: str, request: Mapping[str, Any], timeout_seconds: float | None = None, environment: Mapping[str, str] = {}
) -> Any:
    """Run `python -m module` with `request` and return its answer. `environment` is added to the inherited one.

    Raises `InputError` or `Unavailable` as the worker raised them, and `ChildFailed` when it crashed, was killed
    (too little memory, most often) or took longer than `timeout_seconds`; then it is killed.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            env={**os.environ, **environment},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ChildFailed(f"{module} took longer than {timeout_seconds:.0f} s") from None
    if done.returncode != 0:
        raise ChildFailed(f"{module} {_ending(done.returncode)}{_last_line(done.stderr)}")
    reply = json.loads(done.stdout)
    if "error" in reply:
        raise _ERRORS[reply["error"]](reply["message"])
    return reply["value"]


def answer(work: Callable[[Any], Any]) -> None:
    """Read the request from stdin, answer with `work(request)`; whatever libraries print goes to stderr.

    Ends with its parent, however that ends: what nobody waits for must not slow what is measured next.
    """
    Thread(target=_end_after, args=(os.getppid(),), daemon=True).start()
    channel = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        reply = {"value": work(json.load(sys.stdin))}
    except InputError as error:
        kind = type(error).__name__
        reply = {"error": kind if kind in _ERRORS else "InputError", "message": str(error)}
    with os.fdopen(channel, "w") as stream:
        json.dump(reply, stream)


def _end_after(parent: int) -> None:
    while os.getppid() == parent:
        sleep(_WATCH_SECONDS)
    os._exit(1)


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return f": {' '.join(lines[-_KEPT_LINES:])[:300]}" if lines else ""
