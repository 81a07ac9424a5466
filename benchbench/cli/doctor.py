"""What this machine is, and what on it can be measured: the facts behind `benchbench doctor`."""

from __future__ import annotations

import socket
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

import benchbench
from benchbench import machine
from benchbench.errors import Missing
from benchbench.execution.software import git_commit
from benchbench.meters import roofline
from benchbench.targets.catalogue import availability, catalogue, runtime_of

_LIBRARIES = ("torch", "transformers", "datasets", "codecarbon", "fvcore", "papermill")
_PEAK_SECONDS = 1.0
PRECISIONS: tuple[machine.Precision, ...] = ("fp32", "bf16", "int8")


def diagnose() -> dict[str, object]:
    """Versions, the machine's facts, its GEMM peak and bandwidth, whether the hub answers, which targets can run."""
    facts: dict[str, object] = {"benchbench": benchbench.__version__, "commit": git_commit() or "not a checkout"}
    facts["versions"] = {name: _version(name) for name in _LIBRARIES} | _engines()
    facts |= asdict(machine.machine_here()) | {"threads": machine.threads()}
    facts["hub"] = _hub()
    facts |= _peaks()
    facts["targets"] = {t.name: availability(t) or "available" for t in catalogue().values()}
    return facts


def _engines() -> dict[str, str]:
    """Versions of the engines of all targets that can run here."""
    here = (target for target in catalogue().values() if availability(target) is None)
    return {name: version for target in here for name, version in runtime_of(target).versions().items()}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _hub() -> str:
    """Whether a connection to the hub can be opened within 3 s. Nothing is sent."""
    from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE

    if HF_HUB_OFFLINE:
        return "offline by HF_HUB_OFFLINE"
    parts = urlsplit(ENDPOINT)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), timeout=3).close()
    except OSError as error:
        return f"not reachable: {error}"
    return "reachable"


def _peaks() -> dict[str, object]:
    """The machine's limits at each precision that it has, in words."""
    limits = {f"gemm_peak_{p}": roofline.gemm_peak(p, seconds=_PEAK_SECONDS) for p in PRECISIONS}
    limits["memory_bandwidth"] = roofline.memory_bandwidth(seconds=_PEAK_SECONDS)
    return {name: _words(name, limit) for name, limit in limits.items()}


def _words(name: str, limit: roofline.Peak | Missing) -> str:
    if isinstance(limit, Missing):
        return f"none: {limit.reason}"
    unit = "GB/s" if name == "memory_bandwidth" else "GFLOP/s"
    return f"{limit.value / 1e9:.0f} {unit}"
