"""A target whose answers take time and no core, and of whose processes one can be made to go wrong."""

from __future__ import annotations

from pathlib import Path

import light_engine

_GOES_WRONG = """\
import json, time
here, fault = Path(__file__).parent, (Path(__file__).parent / "fault").read_text()
def goes_wrong():
    try:
        os.close(os.open(here / "went-wrong", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True
"""
_RUN = """\
time.sleep(0.005)
if self.runs == 40 and fault == "dies while it answers" and goes_wrong():
    os._exit(7)
"""
_LOAD = """\
opened = [job.target.threads, sorted(os.sched_getaffinity(0))]
(folder / f"opened-{os.getpid()}.json").write_text(json.dumps(opened))
if fault == "dies" and goes_wrong():
    os._exit(7)
if fault == "cannot open" and goes_wrong():
    raise ValueError("no such operator")
if fault == "hangs" and goes_wrong():
    time.sleep(600)
"""


def write(folder: Path, fault: str = "") -> Path:
    """The target's file. `fault`: of the first process that opens a model, or answers; empty for none."""
    (folder / "fault").write_text(fault)
    return Path(light_engine.write(folder, "sleeper", run=_GOES_WRONG + _RUN, load=_GOES_WRONG + _LOAD))
