"""Every engine runs on the one count of threads, or on its own where a target asks for one, beside others too."""

from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby

import control_groups
import pytest
import torch

from benchbench.errors import InputError
from benchbench.models.source import ModelSource
from benchbench.records import Findings, Subject
from benchbench.studies.efficiency import study as efficiency
from benchbench.studies.efficiency.layer_shares import layer_shares
from benchbench.targets.catalogue import availability, find, runtime_of
from benchbench.targets.inputs import batch
from benchbench.targets.protocol import Job, Shape, Target

SOURCE, SHAPE = ModelSource("bert-tiny"), Shape(1, 16)
BATCH = batch(SHAPE, 1000, 0)


@pytest.fixture
def quota_of_one(tmp_path, monkeypatch):
    control_groups.move(monkeypatch, control_groups.quota(tmp_path, 1))


@pytest.fixture(autouse=True)
def torch_as_before():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@contextmanager
def torch_counts():
    """Torch's count of threads, each time that a layer runs."""
    seen = []
    handle = torch.nn.modules.module.register_module_forward_hook(lambda *_: seen.append(torch.get_num_threads()))
    try:
        yield seen
    finally:
        handle.remove()


def opened(target, folder):
    if reason := availability(target):
        pytest.skip(reason)
    runtime = runtime_of(target)
    job = Job(SOURCE, target, SHAPE)
    runtime.prepare(job, folder)
    return runtime.load(job, folder)


@pytest.mark.parametrize("name", ["torch-cpu", "torch-cpu-int8"])
def test_torch_runs_on_the_threads_that_a_quota_leaves(name, quota_of_one, tmp_path):
    session = opened(find(name), tmp_path)
    torch.set_num_threads(2)
    with torch_counts() as seen:
        session.run(BATCH)
    assert set(seen) == {1}


def test_onnx_runtime_runs_on_the_threads_that_a_quota_leaves(quota_of_one, tmp_path):
    session = opened(find("onnxruntime-cpu"), tmp_path)
    assert session.session.get_session_options().intra_op_num_threads == 1


def test_openvino_runs_on_the_threads_that_a_quota_leaves(quota_of_one, tmp_path):
    session = opened(find("openvino-cpu"), tmp_path)
    assert session.request.get_compiled_model().get_property("INFERENCE_NUM_THREADS") == 1


def test_executorch_runs_on_the_threads_that_a_quota_leaves_and_refuses_two_counts(quota_of_one, tmp_path):
    session = opened(find("executorch-cpu"), tmp_path)
    from executorch.extension.pybindings.portable_lib import _threadpool_get_thread_count

    assert _threadpool_get_thread_count() == 1
    session.run(BATCH)
    target = Target("two", "executorch", threads=2)
    with pytest.raises(InputError, match="one count of threads a process, and it is not 2"):
        runtime_of(target).load(Job(SOURCE, target, SHAPE), tmp_path)


def test_two_counts_of_threads_in_a_process_do_not_mix(tmp_path):
    few, many = (opened(Target(f"with-{n}", "torch-eager", threads=n), tmp_path) for n in (1, 2))
    counts = []
    for session in (few, many, few, few, many):
        with torch_counts() as seen:
            session.run(BATCH)
        counts.append(set(seen))
    assert counts == [{1}, {2}, {1}, {1}, {2}]


@pytest.mark.parametrize("asked", [None, 2])
def test_the_peak_stands_on_the_threads_of_the_engine(asked, quota_of_one, tmp_path):
    target = Target("here", "torch-eager", threads=asked)
    session = opened(target, tmp_path)
    with torch_counts() as seen:
        session.run(BATCH)
    study = efficiency.load(target="torch-cpu", models=("bert-tiny",), budget_seconds=1)
    limits = efficiency.limit(replace(study, target=target), Findings(), Findings())
    (engine,) = set(seen)
    assert engine == (asked or 1)
    assert {m.quantity for m in limits.measurements} == {"gemm_peak", "memory_bandwidth"}
    assert all(m.note.endswith(f"threads: {engine}") for m in limits.measurements)


def test_the_time_of_layers_is_measured_on_the_threads_that_are_given():
    with torch_counts() as seen:
        layer_shares(SOURCE, SHAPE, Subject(), threads=1, passes=1)
        layer_shares(SOURCE, SHAPE, Subject(), threads=2, passes=1)
    assert [count for count, _ in groupby(seen)] == [1, 2]
