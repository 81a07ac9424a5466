"""A tokenizer that knows nothing of the texts is refused rather than trained with."""

import datasets
import pytest
from tiny_checkpoints import save

from benchbench.errors import InputError
from benchbench.models.source import ModelSource
from benchbench.studies.quality.tokenizers import tokenizer_for
from benchbench.tasks.task import Task, TaskData


def texts(*rows):
    train = datasets.Dataset.from_dict({"text": list(rows), "label": [0] * len(rows)})
    task = Task("own", "Own", "classification", ("accuracy",), labels=("a", "b"))
    return TaskData(task, train, {"validation": train}, "local:own.csv", "few")


def test_a_tokenizer_that_knows_no_word_is_refused(tmp_path):
    save(tmp_path)
    source = ModelSource(str(tmp_path), "hub")
    with pytest.raises(InputError, match="knows no word of own"):
        tokenizer_for(source, texts("der Fluss", "das Fenster"))
    assert tokenizer_for(source, texts("der Fluss", "the window"))[1] == "the checkpoint's own"
