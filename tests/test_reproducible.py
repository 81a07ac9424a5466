"""A suite run twice on one machine, in fresh processes with nothing cached, finds the same to the last bit."""

import os
import random
import subprocess
import sys

import pytest

from benchbench.quantities import QUANTITIES, Basis
from benchbench.runs.folder import Run

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
    folder = tmp_path_factory.mktemp("twice")
    (folder / "shop.csv").write_text("\n".join(("text,label", *rows())) + "\n")
    (folder / "twice.yaml").write_text(SUITE)
    found = []
    for number in ("1", "2"):
        own = {"XDG_CACHE_HOME": str(folder / f"cache{number}"), "PYTHONHASHSEED": number}
        command = [
            sys.executable,
            "-m",
            "benchbench.cli",
            "run",
            str(folder / "twice.yaml"),
            "--out",
            number,
            "--no-report",
        ]
        subprocess.run(command, cwd=folder, env={**os.environ, **own}, check=True, capture_output=True, timeout=900)
        found.append(Run.open(folder / number))
    return found


def decided(run):
    """Scores, losses and counts with their intervals: all that the seed decides, not the clock."""
    return {
        (m.subject, m.quantity): (m.value, m.ci_low, m.ci_high, m.samples, m.note)
        for record in run.records
        for m in record.findings.measurements
        if QUANTITIES[m.quantity].score or m.quantity == "train_loss" or m.basis == Basis.COUNTED
    }


def test_every_score_loss_and_count_is_the_same_to_the_last_bit(runs):
    first, second = map(decided, runs)
    assert {quantity for _, quantity in first} == {
        *("accuracy", "f1", "pearson", "spearman"),
        *("train_loss", "train_examples", "train_padding_waste", "truncated_share"),
    }
    assert first == second


def test_every_point_of_a_learning_curve_is_the_same_to_the_last_bit(runs):
    first, second = (
        [
            [(point.examples, point.score) for point in record.findings.facts.training.learning_curve]
            for record in run.records
        ]
        for run in runs
    )
    assert [len(curve) for curve in first] == [2, 2]
    assert first == second


def test_both_runs_are_of_the_same_cells_and_data(runs):
    first, second = (
        {record.cell: record.findings.facts.training.data_fingerprint for record in run.records} for run in runs
    )
    assert first == second
    assert not any(run.failures for run in runs)
