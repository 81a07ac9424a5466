"""Running one notebook with papermill, and reading its findings back out of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import benchbench
from benchbench import atomic
from benchbench.errors import InputError
from benchbench.execution.redaction import Redaction
from benchbench.measurement import Findings


@dataclass(frozen=True, slots=True)
class Execution:
    """What came of a notebook: its findings, or the reason why there are none (one line)."""

    findings: Findings | None
    reason: str = ""


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
) -> Execution:
    """Execute `notebook` with `parameters` in a fresh kernel and keep the executed copy at `output`, failed or not.

    The copy is redacted before it reaches its place, and written whole. `time_limit_seconds` bounds each notebook cell.
    `progress` receives papermill's own bar.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    working = output.with_name(f".{output.stem}.running.ipynb")
    working.parent.mkdir(parents=True, exist_ok=True)
    execution: Execution
    try:
        with _quiet_kernel():
            papermill.execute_notebook(
                notebook,
                working,
                parameters=dict(parameters),
                progress_bar={"file": progress, "ncols": 60} if progress else False,
                cwd=notebook.parent,
                execution_timeout=time_limit_seconds,
                request_save_on_cell_execute=True,
                config=_kernel_config(),
            )
        execution = Execution(_findings(_redacted(working, redact)))
    except papermill.PapermillExecutionError as error:
        execution = Execution(None, _line(f"{error.ename}: {error.evalue}"))
    except CellTimeoutError:
        execution = Execution(None, f"a step took longer than its limit of {time_limit_seconds:.0f} s")
    except DeadKernelError:
        execution = Execution(None, "the kernel died (killed from outside, or out of memory)")
    finally:
        if working.exists():
            atomic.write_text(output, json.dumps(_redacted(working, redact), indent=1, ensure_ascii=False) + "\n")
            working.unlink()
    if execution.findings is None and not execution.reason:
        execution = Execution(None, "the notebook ended without findings")
    return Execution(execution.findings, redact.text(execution.reason))


def _findings(executed: Mapping[str, Any]) -> Findings | None:
    from benchbench.studies.display import findings_in

    return findings_in(executed)


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


def _line(text: str) -> str:
    return " ".join(text.split())[:500]
