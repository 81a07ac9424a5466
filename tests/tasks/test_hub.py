"""Tasks and models from a hub on the loopback interface, with an empty cache, without one, and with no hub at all."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from hub_server import COMMIT, serving

# Loads the tasks named, and fine-tunes a model where the first word says so.
WORK = """
import json, sys
from benchbench.places import HUB
from benchbench.tasks import registry, sources
found = {}
for name in sys.argv[2:]:
    data = sources.load(registry.find(name), HUB)
    splits = {"train": data.train, **data.evaluation}
    content = {split: examples[:] for split, examples in splits.items()}
    found[name] = {"origin": data.origin, "fingerprint": data.fingerprint, "splits": content}
if sys.argv[1] == "fine-tune":
    from benchbench.studies.quality import study as quality
    training = {"epochs": 1, "batch_size": 2, "evaluations": 1, "max_length": 16}
    experiment = quality.load(model="squeezebert", task="rte", training=training)
    quality.cost(experiment, quality.train(experiment), quality.evaluate(experiment))
    subject = experiment.subject
    found["subject"] = {"weights": experiment.weights, "data": subject.data, "task": subject.task}
print(json.dumps(found))
"""

TEXTS = {
    "cola": ["sentence"],
    "sst2": ["sentence"],
    "mrpc": ["sentence1", "sentence2"],
    "stsb": ["sentence1", "sentence2"],
    "qqp": ["question1", "question2"],
    "mnli": ["premise", "hypothesis"],
    "qnli": ["question", "sentence"],
    "rte": ["sentence1", "sentence2"],
    "wnli": ["sentence1", "sentence2"],
}


def write_glue(folder):
    """Data in the hub's own schema: each configuration's splits as Parquet, described in the card's front matter."""
    import pyarrow
    from pyarrow import parquet

    card = ["---", "configs:"]
    for config, columns in TEXTS.items():
        suffixes = ("_matched", "_mismatched") if config == "mnli" else ("",)
        splits = ["train", *(f"{name}{suffix}" for name in ("validation", "test") for suffix in suffixes)]
        card += [f"- config_name: {config}", "  data_files:"]
        for split in splits:
            labels = [0.5, 4.5] if config == "stsb" else [1, 0]
            table = {column: [f"{split} {column} a", f"{split} {column} b"] for column in columns}
            table |= {"label": [-1, -1] if split.startswith("test") else labels, "idx": [0, 1]}
            file = folder / config / f"{split}-00000-of-00001.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            parquet.write_table(pyarrow.table(table), file)
            card += [f"  - split: {split}", f"    path: {config}/{split}-*"]
    (folder / "README.md").write_text("\n".join([*card, "---", ""]))


def write_tagging(folder, config):
    import pyarrow
    from pyarrow import parquet

    for split in ("train", "validation", "test"):
        table = pyarrow.table({"id": ["0"], "tokens": [["Ann", "ran"]], "ner_tags": [[1, 0]]})
        file = folder / config / split / "0000.parquet"
        file.parent.mkdir(parents=True)
        parquet.write_table(table, file)


def write_answering(folder, config, answers):
    import pyarrow
    from pyarrow import parquet

    card = ["---", "configs:", f"- config_name: {config}", "  data_files:"]
    for split in ("train", "validation"):
        row = {"id": "q", "title": "t", "context": "Ann ran.", "question": "Who ran?", "answers": answers}
        file = folder / config / f"{split}-00000-of-00001.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(pyarrow.Table.from_pylist([row]), file)
        card += [f"  - split: {split}", f"    path: {config}/{split}-*"]
    (folder / "README.md").write_text("\n".join([*card, "---", ""]))


def write_model(folder):
    from transformers import SqueezeBertConfig, SqueezeBertForSequenceClassification

    from benchbench.tasks.synthetic.wordpiece import train_tokenizer

    tokenizer = train_tokenizer(["train validation sentence1 sentence2 a b"])
    sizes = {"embedding_size": 16, "hidden_size": 16, "num_attention_heads": 4, "intermediate_size": 16}
    config = SqueezeBertConfig(vocab_size=len(tokenizer), num_hidden_layers=1, **sizes)
    tokenizer.save_pretrained(folder)
    SqueezeBertForSequenceClassification(config).save_pretrained(folder)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    root = tmp_path_factory.mktemp("hub")
    write_model(root / "models" / "squeezebert" / "squeezebert-uncased")
    datasets = root / "datasets"
    write_glue(datasets / "nyu-mll" / "glue")
    write_tagging(datasets / "eriktks" / "conll2003", "conll2003")
    write_tagging(datasets / "leondz" / "wnut_17", "wnut_17")
    write_answering(datasets / "rajpurkar" / "squad", "plain_text", {"text": ["Ann"], "answer_start": [0]})
    write_answering(datasets / "rajpurkar" / "squad_v2", "squad_v2", {"text": ["Ann"], "answer_start": [0]})
    with serving(root) as address:
        yield address


def environment(home, endpoint, **more):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_") and "proxy" not in key.lower()}
    return {**kept, "HF_ENDPOINT": endpoint, "HF_HOME": str(home), **more}


def load(names, home, endpoint, *, tune=False, **more):
    done = subprocess.run(
        [sys.executable, "-c", WORK, "fine-tune" if tune else "load", *names],
        env=environment(home, endpoint, **more),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def loaded(hub, home):
    return load([*TEXTS, "conll2003", "wnut17", "squad", "squad-v2"], home, hub, tune=True)


def test_every_glue_task_has_its_columns_labels_and_commit(loaded):
    for name, columns in TEXTS.items():
        train = loaded[name]["splits"]["train"]
        assert train["text"] == [f"train {columns[0]} a", f"train {columns[0]} b"]
        assert ("text_pair" in train) == (len(columns) == 2)
        assert train["label"] == ([0.5, 4.5] if name == "stsb" else [1, 0])
        assert loaded[name]["origin"] == f"hub:nyu-mll/glue@{COMMIT}"
    assert list(loaded["mnli"]["splits"]) == ["train", "matched", "mismatched"]


def test_tagging_and_answering_tasks_have_their_columns(loaded):
    for name in ("conll2003", "wnut17"):
        assert loaded[name]["splits"]["validation"] == {"words": [["Ann", "ran"]], "tags": [[1, 0]]}
    for name in ("squad", "squad-v2"):
        assert loaded[name]["splits"]["validation"] == {
            "id": ["q"],
            "question": ["Who ran?"],
            "context": ["Ann ran."],
            "answers": [{"text": ["Ann"], "answer_start": [0]}],
        }


def test_fingerprints_are_of_the_content_alone(loaded, hub, tmp_path):
    again = load(["rte", "stsb"], tmp_path, hub)
    assert again["rte"]["fingerprint"] == loaded["rte"]["fingerprint"] != loaded["stsb"]["fingerprint"]


def test_a_model_and_a_task_of_the_hub_are_recorded_with_their_commits(loaded):
    assert loaded["subject"] == {
        "weights": f"hub:squeezebert/squeezebert-uncased@{COMMIT}",
        "data": f"hub:nyu-mll/glue@{COMMIT}",
        "task": "rte",
    }


def test_a_filled_cache_serves_without_a_hub(loaded, home):
    names = ["rte", "mnli", "conll2003", "squad"]
    offline = load(names, home, "http://127.0.0.1:9", tune=True, HF_HUB_OFFLINE="1")
    assert offline == {name: loaded[name] for name in (*names, "subject")}


@contextmanager
def dead_hub(silent):
    """An address where nobody listens or, `silent`, one where a connection is made and nothing ever said."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if silent:
            listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    ("silent", "weights"),
    [(False, ()), (True, ()), (False, ("--weights", "random"))],
    ids=["refuses", "is silent", "refuses the data"],
)
def test_a_hub_that_cannot_be_reached_is_one_line_within_20_seconds(silent, weights, tmp_path):
    choice = ("--tasks", "rte", "--models", "squeezebert", *weights, "--out", tmp_path / "run")
    started = time.monotonic()
    with dead_hub(silent) as address:
        done = subprocess.run(
            [sys.executable, "-m", "benchbench.cli", "run", "glue", *choice],
            env=environment(tmp_path / "home", address),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert time.monotonic() - started < 20
    assert len(done.stderr.strip().splitlines()) == 1
    assert "cannot be reached" in done.stderr
    assert not (tmp_path / "run").exists()
