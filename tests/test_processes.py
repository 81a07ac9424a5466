"""Work in a process of its own: its answer, its errors, its end."""

import math
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import a_worker
import psutil
import pytest

from benchbench import processes
from benchbench.errors import InputError, Unavailable

pytestmark = pytest.mark.usefixtures("support_in_workers")


@pytest.mark.parametrize("share", [0.1, math.inf])
def test_request_and_answer_keep_their_types_whatever_libraries_print(share):
    part = a_worker.Part(Path("somewhere"), (1, 2))
    reply = processes.call(a_worker.reply, a_worker.Question((part,), share))
    assert reply == a_worker.Reply({"first": part, "second": a_worker.Missing("there is none")}, share)


def test_an_error_of_the_person_who_asked_keeps_its_kind():
    with pytest.raises(Unavailable, match="no such engine"):
        processes.call(a_worker.behave, "unavailable")
    with pytest.raises(InputError, match="your file is wrong"):
        processes.call(a_worker.behave, "own")


def test_an_unexpected_error_is_one_line_with_its_traceback_beside_it():
    with pytest.raises(processes.ChildFailed) as failed:
        processes.call(a_worker.behave, "mistake")
    assert str(failed.value) == "KeyError: 'a key'"
    assert 'return dict[str, str]()["a key"]' in failed.value.details


def test_a_crash_says_how_it_ended():
    with pytest.raises(processes.ChildFailed) as failed:
        processes.call(a_worker.behave, "crash")
    assert str(failed.value) == "a_worker:behave was ended by SIGABRT: the engine's last words"


def test_one_that_the_system_ends_says_that_memory_may_be_short():
    with pytest.raises(processes.ChildFailed) as failed:
        processes.call(a_worker.behave, "too large")
    assert str(failed.value) == "a_worker:behave was ended by SIGKILL, as Linux does where memory is short"


@pytest.mark.skipif(not Path("/proc/self/oom_score_adj").exists(), reason="not Linux")
def test_where_memory_is_short_a_worker_is_ended_before_what_waits_for_it():
    assert int(processes.call(a_worker.behave, "rank")) == 1000


def test_one_that_ends_without_an_answer_failed():
    with pytest.raises(processes.ChildFailed, match="gave no answer"):
        processes.call(a_worker.behave, "silent")


def test_one_that_takes_too_long_is_ended():
    with pytest.raises(processes.ChildFailed, match="longer than 2 s"):
        processes.call(a_worker.behave, "sleep", timeout_seconds=2)


def test_a_module_in_the_working_folder_stands_for_none_of_the_librarys(tmp_path, monkeypatch):
    (tmp_path / "dataclasses.py").write_text("raise ImportError('a file of the user')")
    monkeypatch.chdir(tmp_path)
    part = a_worker.Part(Path("somewhere"), ())
    assert processes.call(a_worker.reply, a_worker.Question((part,), 1.0)).share == 1.0


@pytest.mark.skipif(sys.platform == "win32", reason="orphans keep their parent's number there")
def test_it_ends_when_its_parent_is_killed():
    script = textwrap.dedent("""
        import a_worker
        from benchbench import processes
        processes.call(a_worker.behave, "sleep")
    """)
    parent = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 30
    while not (workers := psutil.Process(parent.pid).children()) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)
    parent.kill()
    parent.wait()
    assert psutil.wait_procs(workers, timeout=15)[1] == []
