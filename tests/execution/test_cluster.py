"""Cells on the nodes of a Ray cluster: three nodes on this machine, one of which dies."""

import threading
from dataclasses import replace
from itertools import pairwise

import light_run
import pytest

from benchbench.errors import InputError
from benchbench.execution.bench import bench
from benchbench.execution.plan import Cell
from benchbench.execution.progress import CellEnded, CellStarted
from benchbench.execution.ray_cluster import SLOT, needs_of
from benchbench.report.writing import write_report, write_without_report
from benchbench.runs.verification import problems
from benchbench.suites.schema import EfficiencyParameters


def cell_on(target):
    return Cell("x", "efficiency", "x", EfficiencyParameters(target=target, models=("bert-tiny",)))


def test_a_cell_needs_a_slot_and_a_gpu_where_its_target_does(tmp_path):
    assert needs_of(cell_on("torch-cpu")) == {SLOT: 1}
    assert needs_of(cell_on("torch-cuda")) == {SLOT: 1, "GPU": 1}
    own = tmp_path / "h200.yaml"
    own.write_text('{name: h200, runtime: torch-eager, device: cuda, resources: {"benchbench:h200": 1}}')
    assert needs_of(cell_on(str(own))) == {SLOT: 1, "GPU": 1, "benchbench:h200": 1}


class Watch(light_run.Silent):
    """Keeps the events, and tells when the first record has come back."""

    def __init__(self):
        self.first = threading.Event()
        self.events = []

    def __call__(self, event):
        self.events.append(event)
        if isinstance(event, CellEnded):
            self.first.set()


@pytest.fixture(scope="module")
def cluster():
    """One cluster for all tests, which come in the order in which it grows: a head that takes no part, then nodes."""
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    yield cluster
    cluster.shutdown()


@pytest.fixture(scope="module")
def first_node(cluster):
    return cluster.add_node(num_cpus=4, resources={SLOT: 1})


def on(cluster, out, text=light_run.SUITE):
    light = light_run.preparation(out, text=text)
    return replace(light, request=replace(light.request, executor="ray", address=cluster.address))


def test_a_cluster_without_slots_is_one_line(cluster, tmp_path):
    with pytest.raises(InputError, match="ray start --resources"):
        bench(on(cluster, tmp_path / "run"), light_run.Silent(), write_report)


def test_one_cell_at_a_time_on_a_node(cluster, first_node, tmp_path):
    watch = Watch()
    run, _ = bench(on(cluster, tmp_path / "run", light_run.SMALL), watch, write_without_report)
    assert [type(event) for event in watch.events] == [CellStarted, CellEnded] * len(run.records)
    times = sorted((record.started, record.finished) for record in run.records)
    assert len(times) == 3
    assert all(before[1] <= after[0] for before, after in pairwise(times))


def test_a_cell_that_no_node_can_run_fails_with_what_it_needs(cluster, first_node, tmp_path):
    light = on(cluster, tmp_path / "run")
    wanting = replace(light.cells[-1], parameters=cell_on("torch-cuda").parameters)
    only = replace(light, cells=(*light.cells[:1], wanting))
    watch = Watch()
    run, failures = bench(only, watch, write_without_report)
    (failed,) = failures
    assert next(event.record for event in watch.events if isinstance(event, CellEnded)) == failed
    assert failed.failure.reason == "no node of the cluster offers 1 GPU"
    assert len(run.records) == 2


def test_a_node_that_dies_loses_nothing(cluster, first_node, tmp_path):
    others = [cluster.add_node(num_cpus=1, resources={SLOT: 1}) for _ in range(2)]
    watch = Watch()

    def kill_one():
        watch.first.wait(120)
        cluster.remove_node(others[0], allow_graceful=False)

    killer = threading.Thread(target=kill_one)
    killer.start()
    run, failures = bench(on(cluster, tmp_path / "run"), watch, write_without_report)
    killer.join()
    assert failures == ()
    assert problems(run.folder) == ()
    quality = run.measurements.query("study == 'quality'")
    found = {(task, seed): value for task, seed, value in quality[["task", "seed", "value"]].itertuples(index=False)}
    wanted = {(task, seed) for task in ("rte-synthetic", "sst2-synthetic") for seed in (0, 1)}
    assert found == {cell: light_run.score(*cell) for cell in wanted}
