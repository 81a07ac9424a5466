"""Whatever a checkpoint was trained for before, the task decides what is learned from it now."""

import pytest
import torch
from tiny_checkpoints import WORDS, save

from benchbench.studies.quality import study as quality

ROWS = [(" ".join(WORDS[n : n + 4]), n % 2, n / 2) for n in range(8)]
LEFT_OVER = (None, "regression", "single_label_classification", "multi_label_classification")


def first_loss(folder, table, **custom):
    """The loss of a first batch of two rows: as many as there are labels, where shapes of another loss fit too."""
    experiment = quality.load(
        model=str(folder),
        weights="hub",
        task="own",
        custom={"path": str(table), **custom},
        training={"max_length": 16, "batch_size": 2},
    )
    train = experiment.tokens.train
    batch = experiment.tokenizer.pad([train[n] for n in range(2)], return_tensors="pt")
    labels = batch.pop("label") if "label" in batch else batch.pop("labels")
    with torch.inference_mode():
        said = experiment.model(**batch, labels=labels)
    return said.loss, said.logits, labels


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("text,label,score\n" + "".join(f"{text},{label},{score}\n" for text, label, score in ROWS))
    return file


@pytest.mark.parametrize("left_over", LEFT_OVER)
def test_classes_are_learned_by_cross_entropy(tmp_path, table, left_over):
    save(tmp_path / "model", problem_type=left_over)
    loss, logits, labels = first_loss(tmp_path / "model", table, label="label", metrics=["accuracy"])
    assert torch.equal(loss, torch.nn.functional.cross_entropy(logits, labels))


@pytest.mark.parametrize("left_over", LEFT_OVER)
def test_scores_are_learned_by_squared_error(tmp_path, table, left_over):
    save(tmp_path / "model", problem_type=left_over)
    loss, logits, labels = first_loss(tmp_path / "model", table, label="score", regression=True, metrics=["pearson"])
    assert torch.equal(loss, torch.nn.functional.mse_loss(logits.squeeze(), labels.float()))
