"""Work in processes forked from one that has the imports: as in fresh ones, and never in place of a wrong answer."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import a_worker
import psutil
import pytest

from benchbench import forking, processes
from benchbench.errors import InputError
from benchbench.targets import catalogue

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes are fresh elsewhere"),
    pytest.mark.usefixtures("support_in_workers"),
]


@pytest.fixture
def call():
    with forking.with_imports(["sqlite3", "a_worker"]) as call:
        yield call


def test_each_call_has_a_process_of_its_own_with_the_imports(call):
    first, second = call(a_worker.where, "sqlite3"), call(a_worker.where, "sqlite3")
    assert first.imported
    assert second.imported
    assert len({first.process, second.process, os.getpid()}) == 3
    assert first.parent == second.parent != os.getpid()
    assert len({first.address, second.address, call(a_worker.where, "sqlite3").address}) > 1
    assert not call(a_worker.where, "wave").imported


def test_errors_and_ends_are_those_of_a_fresh_process(call):
    for how in ("own", "mistake", "crash", "too large", "silent"):
        with pytest.raises((InputError, processes.ChildFailed)) as fresh:
            processes.call(a_worker.behave, how)
        with pytest.raises(type(fresh.value)) as forked:
            call(a_worker.behave, how)
        assert str(forked.value) == str(fresh.value)
    assert call(a_worker.where, "sqlite3").imported, "the parent goes on after all that"


def test_without_the_parent_a_fresh_process_answers(call):
    os.kill(call(a_worker.where, "sqlite3").parent, signal.SIGKILL)
    again = call(a_worker.where, "sqlite3")
    assert (again.parent, again.imported) == (os.getpid(), False)


def test_imports_that_fail_leave_fresh_processes():
    with forking.with_imports(["no_such_module"]) as call:
        assert call(a_worker.where, "sqlite3").parent == os.getpid()


def test_all_end_when_the_one_that_asks_is_killed():
    script = textwrap.dedent("""
        import a_worker
        from benchbench import forking
        with forking.with_imports(["sqlite3"]) as call:
            call(a_worker.behave, "sleep")
    """)
    asking = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 30
    while len(others := psutil.Process(asking.pid).children(recursive=True)) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(others) == 2
    asking.kill()
    asking.wait()
    assert psutil.wait_procs(others, timeout=15)[1] == []


def test_libraries_of_a_device_are_opened_where_it_is_used():
    cpu, gpu = catalogue.find("torch-cpu"), catalogue.find("torch-cuda")
    assert "torch" in catalogue.imports([cpu])
    assert catalogue.imports([cpu, gpu]) == ()
    assert catalogue.imports([catalogue.find("openvino-cpu")]) == ()
