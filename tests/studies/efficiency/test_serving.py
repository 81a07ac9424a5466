"""What a service meets, with tiny models: texts as long as they come, random arrivals, the largest batch."""

import pytest

from benchbench.meters import server as server_meter
from benchbench.places import SYNTHETIC
from benchbench.records import REALISTIC
from benchbench.studies.efficiency import serving
from benchbench.studies.efficiency import study as efficiency
from benchbench.suites.schema import Realistic
from benchbench.tasks import registry, sources

MODELS = ("squeezebert-tiny", "bert-tiny")
SMALL, LARGE = "1MB", "64GB"


def study(models=MODELS, **scenarios):
    return efficiency.load(
        target="onnxruntime-cpu", models=models, batch_sizes=(1, 4), budget_seconds=4, processes=2, scenarios=scenarios
    )


@pytest.fixture(scope="module")
def realistic():
    return serving.realistic(study(realistic={"task": "rte-synthetic", "examples": 8}))


def test_every_model_is_timed_on_the_tasks_texts(realistic):
    timed = {(m.subject.model, m.subject.batch_size) for m in realistic.measurements if m.quantity == "latency_p50"}
    assert timed == {(model, size) for model in MODELS for size in (1, 4)}
    assert {m.subject.lengths for m in realistic.measurements} == {REALISTIC}
    assert {m.subject.task for m in realistic.measurements} == {"rte-synthetic"}
    assert {m.subject.data for m in realistic.measurements} == {"synthetic"}


def test_intervals_of_a_few_processes_stay_above_zero(realistic):
    assert all(0 <= m.ci_low <= m.value <= m.ci_high for m in realistic.measurements if m.ci_low is not None)


def test_texts_one_at_a_time_waste_nothing_and_batches_do(realistic):
    waste = {m.subject.batch_size: m.value for m in realistic.measurements if m.quantity == "padding_waste"}
    assert waste[1] == 0
    assert 0 < waste[4] < 1


def test_speedups_on_texts_are_paired(realistic):
    found = {
        (m.subject.model, m.subject.batch_size): m.value for m in realistic.measurements if m.quantity == "speedup"
    }
    assert found["squeezebert-tiny", 1] == pytest.approx(1 / found["bert-tiny", 1], rel=1e-6)


def test_a_batch_holds_the_same_texts_for_every_model():
    texts = sources.load(registry.find("rte-synthetic"), SYNTHETIC)
    source = study().sources[0]
    wanted = Realistic(task="rte-synthetic", max_length=48)
    first, again, other = (serving.token_lengths(source, texts, wanted, 12, seed) for seed in (0, 0, 1))
    assert first == again != other
    assert len(first) == 12
    assert max(first) <= 48


def test_more_texts_than_the_task_has_are_drawn_again():
    texts = sources.load(registry.find("rte-synthetic"), SYNTHETIC)
    (split,) = texts.evaluation.values()
    lengths = serving.token_lengths(study().sources[0], texts, Realistic(task="rte-synthetic"), len(split) + 5, seed=0)
    assert lengths[-5:] == lengths[:5]


@pytest.mark.skipif(server_meter.unavailable() is not None, reason="LoadGen is not installed")
def test_the_rate_of_random_queries_comes_with_what_it_was_found_at():
    found = serving.server(study(MODELS[:1], server={"p99_ms": 200, "seconds": 3}))
    (rate,) = found.measurements
    assert rate.quantity == "server_rate"
    assert rate.value > 0
    assert rate.subject.scenario == "server"
    assert "p99 within 200 ms" in rate.note


def test_a_bound_that_no_query_meets_is_an_absence_that_says_so():
    found = serving.server(study(MODELS[:1], server={"p99_ms": 0.001, "seconds": 1}))
    assert not found.measurements
    assert all("0.001 ms" in a.reason or "LoadGen" in a.reason for a in found.absences)


def test_a_model_larger_than_the_limit_has_no_largest_batch():
    found = serving.largest_batch(study(MODELS[:1], largest_batch={"memory_limit": SMALL}))
    assert not found.measurements
    assert {a.reason for a in found.absences} == {"one example takes more than 0.001 GB"}


def test_a_wide_limit_ends_at_the_largest_batch_tried():
    found = serving.largest_batch(study(MODELS[:1], largest_batch={"memory_limit": LARGE, "most": 3}))
    assert {m.value for m in found.measurements} == {3}
    assert all("the largest tried" in m.note for m in found.measurements)


def test_what_a_suite_does_not_ask_for_is_left_out():
    plain = study()
    for part in (serving.realistic, serving.server, serving.largest_batch):
        assert not part(plain).measurements
        assert not part(plain).absences
