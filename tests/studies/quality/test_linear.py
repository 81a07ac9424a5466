"""A model without an encoder is fitted, scored, deployed and refused like any other."""

import pytest

from benchbench.errors import InputError
from benchbench.execution.preflight import check
from benchbench.models import linear_text
from benchbench.models.source import ModelSource
from benchbench.places import bare, local
from benchbench.quantities import QUANTITIES
from benchbench.studies.quality import study as quality
from benchbench.studies.workers.footprint import of_prepared
from benchbench.suites.reading import parse
from benchbench.targets import artefacts, catalogue
from benchbench.targets.protocol import Job, Shape
from benchbench.targets.texts import Written

BLOCK = "name: s\ntitle: t\nquality:\n  - {weights: random, data: synthetic, "


@pytest.fixture(scope="module")
def found():
    experiment = quality.load(
        model="tfidf-logreg",
        weights="random",
        task="sst2-synthetic",
        data="synthetic",
        training={"examples": 2000},
        deploy={"targets": ["scikit-learn"], "seconds": 0.5, "processes": 1, "cold_starts": 1, "energy": False},
    )
    trained = quality.train(experiment)
    evaluated = quality.evaluate(experiment)
    deployed = quality.deploy(experiment, evaluated)
    return evaluated, deployed, quality.cost(experiment, trained, evaluated)


def values(findings):
    return {m.quantity: m.value for m in findings.measurements}


def test_it_learns_and_says_what_that_cost(found):
    evaluated, _, cost = found
    assert values(evaluated)["accuracy"] > 0.6
    assert values(cost)["train_examples"] == 2000
    spent = values(cost)
    assert spent["train_throughput"] == pytest.approx(2000 / spent["train_time"])
    assert spent["train_energy"] > 0


def test_what_is_deployed_answers_as_what_was_fitted_from_the_text_itself(found):
    _, deployed, _ = found
    there = values(deployed)
    assert (there["score_change"], there["agreement"]) == (0, 1)
    assert there["text_latency_p50"] == pytest.approx(there["latency_p50"], rel=0.05)
    assert (
        min(there[name] for name in ("text_latency_p50", "cold_start", "prepare_time", "artefact_bytes", "peak_memory"))
        > 0
    )
    assert "tokenisation_share" not in there
    assert {absence.quantity for absence in deployed.absences} <= {name for name in QUANTITIES if "_p9" in name}


def test_its_memory_is_read_on_pairs_of_texts_too(tmp_path):
    pairs = (("a calm sea", "the sea is calm"), ("a storm", "quiet water"))
    linear_text.fit(pairs, [1, 0], "classification").save(tmp_path / "model")
    source = ModelSource(bare(tmp_path / "model"), local(tmp_path / "model"))
    (tmp_path / "cache").mkdir()
    prepared = artefacts.prepare(Job(source, catalogue.find("scikit-learn"), Shape(1, 0)), tmp_path / "cache")
    found = of_prepared(prepared, tmp_path / "cache", texts=Written(pairs))
    assert found.memory.peak_bytes >= 0


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("models: [tfidf-logreg], tasks: [conll2003-synthetic]}", "one label or score"),
        ("models: [tfidf-logreg], tasks: [rte-synthetic], training: none}", "training is none"),
        ("models: [tfidf-logreg], tasks: [rte-synthetic], deploy: [torch-cpu]}", "runs tfidf-logreg; such are: scikit"),
        (
            "models: [bert-tiny], tasks: [rte-synthetic], deploy: [scikit-learn]}",
            "runs bert-tiny; such are: torch-cpu,",
        ),
    ],
)
def test_what_it_cannot_do_is_one_line_before_anything_runs(rest, said):
    with pytest.raises(InputError, match=said):
        check(parse(BLOCK + rest, "s.yaml"))


@pytest.mark.parametrize(
    "rest", ["models: [tfidf-logreg], targets: [torch-cpu]", "models: [bert-tiny], targets: [scikit-learn]"]
)
def test_it_takes_no_part_in_a_race_of_encoders(rest):
    with pytest.raises(InputError, match="quality block"):
        check(parse(f"name: s\ntitle: t\nefficiency:\n  - {{weights: random, {rest}}}", "s.yaml"))
