"""From a table of one's own to scores: the same seed gives the same model, and examples may have several labels."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from benchbench.quantities import SCORES
from benchbench.studies.quality import study as quality

FINE_TUNE = """
import json, sys
sys.path[:0] = sys.argv[2:]
from test_from_table_to_scores import fine_tuned
print(json.dumps(fine_tuned(json.loads(sys.argv[1]))))
"""
TOPICS = {"sea": ["wave", "harbour", "sail", "tide"], "farm": ["barn", "wheat", "plough", "goat"]}


def put(path, examples, seed=0):
    """Texts about any number of the topics, as JSON lines, with the list of topics as their label."""
    draw, rows = random.Random(seed), []
    for number in range(examples):
        about = [topic for topic in TOPICS if draw.random() < 0.5]
        words = [draw.choice(TOPICS[topic]) for topic in about for _ in range(4)] + ["today", f"n{number}"]
        rows.append({"text": " ".join(draw.sample(words, len(words))), "label": about})
    path.write_text("\n".join(map(json.dumps, rows)))
    return str(path)


def fine_tuned(parameters):
    """What the seed decides, to the last bit, and what is noted of the data."""
    experiment = quality.load(**parameters)
    trained = quality.train(experiment)
    scored = quality.evaluate(experiment)
    cost = quality.cost(experiment, trained, scored)
    both = (*scored.measurements, *cost.measurements)
    values = {m.quantity: m.value.hex() for m in both if m.quantity in ("train_loss", "accuracy", "f1")}
    return values, list(cost.facts.training.data_notes)


def test_the_same_seed_gives_the_same_loss_in_every_process_and_finds_its_tokens(tmp_path, monkeypatch):
    table = tmp_path / "sea.csv"
    lines = [json.loads(line) for line in (tmp_path / put(tmp_path / "all.jsonl", 40)).read_text().splitlines()]
    table.write_text("text,sea\n" + "".join(f"{row['text']},{'sea' in row['label']}\n" for row in lines))
    parameters = {
        "model": "bert-tiny",
        "weights": "random",
        "task": "sea",
        "custom": {"path": str(table), "label": "sea", "metrics": ["accuracy", "f1"]},
        "training": {"epochs": 1, "batch_size": 8, "learning_rate": 1e-3, "max_length": 16, "evaluations": 0},
    }
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def tokens():
        return {file.name: file.stat().st_mtime_ns for file in (tmp_path / "cache").rglob("*.arrow")}

    values, notes = fine_tuned(parameters)
    made = tokens()
    assert len(made) == 2
    done = subprocess.run(
        [sys.executable, "-c", FINE_TUNE, json.dumps(parameters), str(Path(__file__).parent)],
        env={**os.environ, "PYTHONHASHSEED": "7", "RAYON_NUM_THREADS": "4"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [values, notes]
    assert tokens() == made
    assert values.keys() == {"train_loss", "accuracy", "f1"}
    assert notes[-1] == "F1 is that of the label 'True'"


@pytest.mark.parametrize("name", ["topics.jsonl", "topics.csv"])
def test_a_model_learns_to_give_several_labels(tmp_path, name, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    custom = {"path": put(tmp_path / "topics.jsonl", 160), "multi_label": True}
    if name.endswith("csv"):
        rows = [json.loads(line) for line in (tmp_path / "topics.jsonl").read_text().splitlines()]
        lines = ["text,label", *(f"{row['text']},{' | '.join(row['label'])}" for row in rows)]
        (tmp_path / name).write_text("\n".join(lines))
        custom = {"path": str(tmp_path / name), "multi_label": True, "label_separator": "|"}
    experiment = quality.load(
        model="bert-tiny",
        weights="random",
        task="topics",
        custom=custom,
        training={"epochs": 6, "batch_size": 8, "learning_rate": 2e-3, "max_length": 16, "evaluations": 1},
    )
    assert experiment.data.task.labels == ("farm", "sea")
    assert {tuple(label) for label in experiment.data.train["label"]} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    trained = quality.train(experiment)
    found = quality.evaluate(experiment)
    scores = {m.quantity: m for m in found.measurements if m.quantity in SCORES}
    assert scores.keys() == {"micro_f1", "macro_f1", "exact_match"}
    for score in scores.values():
        assert score.ci_low <= score.value <= score.ci_high
    assert scores["micro_f1"].value > 0.9
    assert scores["exact_match"].value > 0.7
    facts = quality.cost(experiment, trained, found).facts.training
    assert (facts.marking.kind, facts.marking.metrics[0]) == ("multi-label", "micro_f1")
