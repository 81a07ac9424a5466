"""A suite's cells, twice on one machine, in fresh processes with nothing cached, find the same to the last bit."""

import json
import os
import random
import subprocess
import sys

import pytest

CELLS = """
import json, sys
from pathlib import Path
from benchbench.execution.bench import Request, prepare
from benchbench.places import in_full, written
from benchbench.quantities import QUANTITIES, Basis
from benchbench.studies.quality import study as quality
from benchbench.suites.selection import Selection

def decided(m):  # scores, losses and counts: all that the seed decides, not the clock
    return QUANTITIES[m.quantity].score or m.quantity == "train_loss" or m.basis == Basis.COUNTED

found = {}
for cell in prepare(Request("twice.yaml", Selection(), Path("run"))).cells:
    experiment = quality.load(**written(cell.parameters, in_full))
    trained = quality.train(experiment)
    evaluated = quality.evaluate(experiment)
    cost = quality.cost(experiment, trained, evaluated)
    training = cost.facts.training
    found[cell.id] = {
        "values": [
            [m.quantity, repr(m.subject), repr((m.value, m.ci_low, m.ci_high, m.samples, m.note))]
            for m in (*evaluated.measurements, *cost.measurements) if decided(m)
        ],
        "curve": [[point.examples, repr(point.score)] for point in training.learning_curve],
        "data": training.data_fingerprint,
    }
print(json.dumps(found))
"""
SUITE = """\
name: twice
title: Quality of two models on two kinds of task
seeds: [3]
tasks:
  shop: {path: shop.csv, metrics: [accuracy, f1], positive: good}
quality:
  - models: [squeezebert-tiny]
    tasks: [shop]
    weights: random
    training: &short {epochs: 1, learning_rate: 1.0e-3, batch_size: 16, max_length: 32, evaluations: 2}
  - models: [bert-tiny]
    tasks: [stsb-synthetic]
    weights: random
    data: synthetic
    training: {<<: *short, examples: 96}
"""


def rows():
    draw = random.Random(5)
    words = "bread apple counter queue basket coin receipt shelf parcel scale".split()
    for number in range(96):
        yield f"{' '.join(draw.choices(words, k=draw.randint(3, 12)))},{'good' if number % 3 else 'bad'}"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """What the cells of both times found."""
    folder = tmp_path_factory.mktemp("twice")
    (folder / "shop.csv").write_text("\n".join(("text,label", *rows())) + "\n")
    (folder / "twice.yaml").write_text(SUITE)
    found = []
    for number in ("1", "2"):
        own = {"XDG_CACHE_HOME": str(folder / f"cache{number}"), "PYTHONHASHSEED": number, "RAYON_NUM_THREADS": number}
        done = subprocess.run(
            [sys.executable, "-c", CELLS],
            cwd=folder,
            env={**os.environ, **own},
            check=True,
            capture_output=True,
            text=True,
            timeout=900,
        )
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return found


def all_of(run, part):
    return [cell[part] for cell in run.values()]


def test_every_score_loss_and_count_is_the_same_to_the_last_bit(runs):
    first, second = (all_of(run, "values") for run in runs)
    assert {quantity for values in first for quantity, *_ in values} == {
        *("accuracy", "f1", "pearson", "spearman"),
        *("train_loss", "train_examples", "train_padding_waste", "truncated_share"),
    }
    assert first == second


def test_every_point_of_a_learning_curve_is_the_same_to_the_last_bit(runs):
    first, second = (all_of(run, "curve") for run in runs)
    assert [len(curve) for curve in first] == [2, 2]
    assert first == second


def test_both_runs_are_of_the_same_cells_and_data(runs):
    first, second = ({cell: found["data"] for cell, found in run.items()} for run in runs)
    assert len(first) == 2
    assert first == second
