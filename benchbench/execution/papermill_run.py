"""Running one notebook with papermill, and reading its findings back out of it."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import benchbench
from benchbench import json_schema
from benchbench.errors import InputError, TrainingDiverged, one_line
from benchbench.execution.progress import Step
from benchbench.execution.redaction import Redaction
from benchbench.records import Failure, FailureKind, Findings
from benchbench.runs import atomic
from benchbench.runs.cell_folders import CellFolders

StepListener = Callable[[Step], None]


def folder() -> Path:
    """The notebooks: those in the package, a link to the checkout's own where it runs from one.

    Raises `InputError` when there are none.
    """
    package = Path(benchbench.__file__).parent
    for path in (
        package / "notebooks",
        package.parent / "notebooks",
    ):  # the link is a file where links are not to be had
        if path.is_dir():
            return path.resolve()
    raise InputError("the package has no notebooks; install it again: pip install --force-reinstall benchbench-suite")


def execute(
    notebook: Path,
    output: Path,
    parameters: Mapping[str, object],
    *,
    redact: Redaction,
    time_limit_seconds: float | None = None,
    keep_model: Path | None = None,
    started: StepListener = lambda _: None,
    ended: StepListener = lambda _: None,
) -> Findings | Failure:
    """What `notebook` finds with `parameters` in a fresh kernel; the executed copy is kept at `output`, failed or not.

    `parameters`: what the names in its parameters cell stand for. The copy is redacted before it reaches its place, and
    written whole; an interrupted one is not kept.
    `time_limit_seconds` bounds the whole notebook. `keep_model`: the folder in which a fine-tuned model is to be kept.
    `started` and `ended` are told of each of its steps.
    Raises `InputError` when the disk takes no more.
    """
    working = output.with_name(f".{output.stem}{atomic.PART}.ipynb")
    folders = CellFolders(working.with_suffix(""), keep_model)
    try:
        working.with_suffix("").mkdir(parents=True, exist_ok=True)
        hooks = _hooks(notebook, started, ended)
        failure = _run(notebook, working, parameters, time_limit_seconds, hooks, folders.environment)
        executed = _redacted(working, redact)
        atomic.write_text(output, json.dumps(executed, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise InputError(f"cannot write {working.parent}: {error.strerror}; {_ROOM}") from error
    finally:
        atomic.remove(working)
        atomic.remove(working.with_suffix(""))
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
    hooks: Mapping[str, Callable[..., None]],
    environment: Mapping[str, str],
) -> Failure | None:
    """Let papermill write the executed notebook to `working`; None when it ran to its end, else how it failed.

    The reason may name private paths.
    """
    json_schema.load()
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    limit = {} if time_limit_seconds is None else {"timeout_func": _time_left(time_limit_seconds)}
    try:
        with _kernel_environment(environment), TemporaryDirectory(prefix="benchbench-") as sockets:
            papermill.execute_notebook(
                _literal(notebook),
                _literal(working),
                parameters=dict(parameters),
                progress_bar=False,
                cwd=notebook.parent,
                request_save_on_cell_execute=True,
                config=_kernel_config(Path(sockets)),
                kernel_manager_class=_own_kernel(),
                shutdown_kernel="immediate",  # PyTorch takes two seconds to take itself apart
                **limit,
                **hooks,
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


def _hooks(notebook: Path, started: StepListener, ended: StepListener) -> Mapping[str, Callable[..., None]]:
    """What nbclient calls around each step. One that ends with its kernel or at the time limit is not told as ended."""
    steps = _steps(json.loads(notebook.read_text(encoding="utf-8")))

    def on_cell_execute(cell: Any, cell_index: int) -> None:
        if cell.id in steps:
            started(steps[cell.id])

    def on_cell_executed(cell: Any, cell_index: int, execute_reply: object) -> None:
        if cell.id in steps:
            ended(steps[cell.id])

    return {"on_cell_execute": on_cell_execute, "on_cell_executed": on_cell_executed}


def _steps(notebook: Mapping[str, Any]) -> Mapping[str, Step]:
    """The steps of a notebook by their ids in it; its parameters are none."""
    titles: dict[str, str] = {}
    title = ""
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            title = next((line.lstrip("# ") for line in source.splitlines() if line.startswith("#")), title)
        elif cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", ()):
            titles[cell["id"]] = title
    return {id: Step(number, len(titles), title) for number, (id, title) in enumerate(titles.items(), start=1)}


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

    if any(
        step["cell_type"] == "code" and step["source"] and not step["execution_count"] for step in executed["cells"]
    ):
        return Failure(FailureKind.ERROR, "the notebook ended before its last step")
    try:
        found = findings_in(executed)
    except ValidationError as error:
        return Failure(FailureKind.ERROR, one_line(f"its findings are not well-formed: {error}", _LONGEST_REASON))
    return found or Failure(FailureKind.ERROR, "no step of the notebook showed findings")


def _redacted(path: Path, redact: Redaction) -> dict[str, Any]:
    content: dict[str, Any] = redact.tree(json.loads(path.read_text(encoding="utf-8")))
    for key in ("input_path", "output_path", "environment_variables"):
        content["metadata"].get("papermill", {}).pop(key, None)
    return content


def _own_kernel() -> type[Any]:
    """What starts `sys.executable`, whatever kernels are installed for Jupyter under the same name."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import default

    class OwnKernelManager(AsyncKernelManager):
        @default("kernel_spec_manager")
        def _kernel_spec_manager_default(self) -> KernelSpecManager:
            return KernelSpecManager(kernel_dirs=[])

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]  # asynchronous here
            """What an interrupted kernel says of its end is not for the terminal; the run says what happened."""
            await super().start_kernel(stderr=subprocess.DEVNULL, **options)

    return OwnKernelManager


def _kernel_config(sockets: Path) -> Any:
    """A kernel that listens on files in `sockets`, a private folder, rather than on TCP ports, where that can be."""
    from traitlets.config import Config

    prefix = str(sockets / "kernel")
    if os.name != "posix" or len(prefix) > _LONGEST_SOCKET:
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "ip": prefix}})


_LONGEST_SOCKET = 90  # of the 104 characters that macOS allows, with room for a number


_QUIET = {
    "TRANSFORMERS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "PYTHONSAFEPATH": "1",  # modules that lie in a working folder stand for none of a library's
}
_QUIET_WARNINGS = ("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore:IProgress not found")
"""What libraries tell their programmers. Warnings about values stay."""


@contextmanager
def _kernel_environment(more: Mapping[str, str]) -> Iterator[None]:
    """Third-party notices that tell the reader of a notebook nothing stay out of it; `more` is known to its kernel."""
    own = os.environ.get("PYTHONWARNINGS")  # later filters win, so that the user's stay in force
    warnings = {"PYTHONWARNINGS": ",".join((*_QUIET_WARNINGS, own) if own else _QUIET_WARNINGS)}
    given = {**_QUIET, **warnings, **more}
    before = {key: os.environ.get(key) for key in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
