"""Running one notebook with papermill, and reading its findings back out of it."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any, TextIO

import benchbench
from benchbench.errors import InputError, TrainingDiverged, one_line
from benchbench.execution.redaction import Redaction
from benchbench.records import Failure, FailureKind, Findings
from benchbench.runs import atomic


def folder() -> Path:
    """The notebooks of this checkout. Raises `InputError` when the package is installed without them."""
    path = Path(benchbench.__file__).parent.parent / "notebooks"
    if not path.is_dir():
        raise InputError("the notebooks are not beside the package; install it from a checkout: pip install -e .")
    return path


def execute(
    notebook: Path,
    output: Path,
    parameters: Mapping[str, object],
    *,
    redact: Redaction,
    time_limit_seconds: float | None = None,
    progress: TextIO | None = None,
) -> Findings | Failure:
    """What `notebook` finds with `parameters` in a fresh kernel; the executed copy is kept at `output`, failed or not.

    `parameters`: what the names in its parameters cell stand for. The copy is redacted before it reaches its place, and
    written whole; an interrupted one is not kept.
    `time_limit_seconds` bounds the whole notebook. `progress` receives papermill's own bar.
    Raises `InputError` when the disk takes no more.
    """
    working = output.with_name(f".{output.stem}{atomic.PART}.ipynb")
    try:
        working.parent.mkdir(parents=True, exist_ok=True)
        failure = _run(notebook, working, parameters, time_limit_seconds, progress)
        executed = _redacted(working, redact)
        atomic.write_text(output, json.dumps(executed, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise InputError(f"cannot write {working.parent}: {error.strerror}; {_ROOM}") from error
    finally:
        _remove(working)
    if failure:  # cut short last: half a private path would not be known for one
        return replace(failure, reason=one_line(redact.text(failure.reason), _LONGEST_REASON))
    return _findings(executed)


_ROOM = "make room or choose another folder with --out; finished cells are kept"

_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO})
"""Errors of the disk, not of the cell: the next cell would meet them too."""


def _run(
    notebook: Path,
    working: Path,
    parameters: Mapping[str, object],
    time_limit_seconds: float | None,
    progress: TextIO | None,
) -> Failure | None:
    """Let papermill write the executed notebook to `working`; None when it ran to its end, else how it failed.

    The reason may name private paths.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    limit = {} if time_limit_seconds is None else {"timeout_func": _time_left(time_limit_seconds)}
    try:
        with _quiet_kernel():
            papermill.execute_notebook(
                _literal(notebook),
                _literal(working),
                parameters=dict(parameters),
                progress_bar={"file": progress, "ncols": 60} if progress else False,
                cwd=notebook.parent,
                request_save_on_cell_execute=True,
                config=_kernel_config(),
                **limit,
            )
    except papermill.PapermillExecutionError as error:
        return _step_failed(error)
    except CellTimeoutError:
        return Failure(FailureKind.TIME_LIMIT, f"it took longer than its limit of {time_limit_seconds:.0f} s")
    except DeadKernelError:
        return _DIED
    except OSError as error:
        if error.errno in _DISK:
            raise
        return Failure(FailureKind.ERROR, f"the kernel could not be reached: {error}")
    except RuntimeError as error:  # jupyter_client's way to say that a kernel did not start
        return _DIED if "died" in str(error) else Failure(FailureKind.ERROR, f"the kernel failed: {error}")
    return None


_DIED = Failure(FailureKind.KERNEL_DIED, "the kernel died (killed from outside, or out of memory)")
_UNREADABLE = "a step failed with an error that is no text, so the kernel could not send it"
_LONGEST_REASON = 500


def _step_failed(error: Any) -> Failure:
    """From papermill's account of the exception that a step raised."""
    kind = FailureKind.DIVERGED if error.ename == TrainingDiverged.__name__ else FailureKind.ERROR
    return Failure(kind, f"{error.ename}: {error.evalue}" if error.traceback else _UNREADABLE)


def _time_left(seconds: float) -> Callable[[object], float]:
    """What nbclient asks before each step of the notebook: how long it may take."""
    deadline = monotonic() + seconds
    return lambda _: max(deadline - monotonic(), 0.001)


def _literal(path: Path) -> str:
    """A path that papermill, which fills parameters into braces, leaves as it is."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _findings(executed: Mapping[str, Any]) -> Findings | Failure:
    from pydantic import ValidationError

    from benchbench.studies.display import findings_in

    try:
        found = findings_in(executed)
    except ValidationError as error:
        return Failure(FailureKind.ERROR, one_line(f"its findings are not well-formed: {error}", _LONGEST_REASON))
    return found or Failure(FailureKind.ERROR, "the notebook ended without findings")


def _remove(working: Path) -> None:
    try:
        working.unlink(missing_ok=True)
    except OSError:
        return  # a folder that became read-only has said so already


def _redacted(path: Path, redact: Redaction) -> dict[str, Any]:
    content: dict[str, Any] = redact.tree(json.loads(path.read_text(encoding="utf-8")))
    for key in ("input_path", "output_path", "environment_variables"):
        content["metadata"].get("papermill", {}).pop(key, None)
    return content


def _kernel_config() -> Any:
    """A kernel that listens on a socket file rather than on a TCP port, where the system has such files."""
    from traitlets.config import Config

    return Config({"KernelManager": {"transport": "ipc"}}) if os.name == "posix" else Config()


@contextmanager
def _quiet_kernel() -> Iterator[None]:
    """Third-party notices that tell the reader of a notebook nothing stay out of it."""
    quiet = {
        "TRANSFORMERS_VERBOSITY": "error",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    before = {key: os.environ.get(key) for key in quiet}
    os.environ.update(quiet)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
