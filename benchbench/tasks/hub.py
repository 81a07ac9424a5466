"""Reading a task from the Hugging Face hub through `datasets`, or from its cache where the hub is switched off."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbench.errors import InputError, Unavailable, one_line
from benchbench.tasks import fingerprint
from benchbench.tasks.formats import finite
from benchbench.tasks.task import HubSource, Task, TaskData

if TYPE_CHECKING:
    import datasets

_OTHER_WAYS = "give local files (--data local:DIR), or run the suite quick, which needs no network"
_TIMEOUT_SECONDS = 6
_NO_LABEL = (-1, None)
_COMMIT = re.compile("[0-9a-f]{40}")


def load(task: Task, trained_on: Task | None = None) -> TaskData:
    """The task's examples from the hub; `trained_on`: the task that `task.trained_on` names.

    Raises `InputError` when its columns are not the expected ones, `Unavailable` when it cannot be had.
    """
    source = source_of(task)
    everything, revision = _download(source)
    trained = trained_on or task
    learned = _download(source_of(trained))[0] if trained_on else everything
    train_split = source_of(trained).train
    train = _normal(learned, train_split, source_of(trained), trained)
    evaluation = {name: _normal(everything, name, source, task) for name in source.evaluation}
    notes = [_left_out(learned, train_split, train), *(_left_out(everything, *split) for split in evaluation.items())]
    evaluation = {_short(name): examples for name, examples in evaluation.items()}
    return TaskData(
        task=task,
        train=train,
        evaluation=evaluation,
        origin=f"hub:{source.dataset}@{revision}",
        fingerprint=fingerprint.of(train, evaluation),
        notes=tuple(filter(None, notes)),
    )


def load_test(task: Task) -> Mapping[str, datasets.Dataset]:
    """The task's unlabelled test splits, with the columns `text` and `text_pair`. Raises as `load` does."""
    source = source_of(task, labelled=False)
    everything, _ = _download(source)
    return {_short(name): _texts(everything, name, source) for name in source.test}


def check(task: Task) -> None:
    """Whether the data set can be had, within about 6 s. Raises `Unavailable` with the ways that remain."""
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import HfHubHTTPError

    source = source_of(task)
    if constants.HF_HUB_OFFLINE:
        return  # the cache answers, or loading says what is missing from it
    try:
        HfApi().dataset_info(source.dataset, revision=source.revision, timeout=_TIMEOUT_SECONDS)
    except HfHubHTTPError as error:
        status = error.response.status_code
        if status in (401, 403, 404):
            raise Unavailable(f"the hub has no data set {source.dataset} for you; {_OTHER_WAYS}") from error
        raise Unavailable(
            f"the hub at {constants.ENDPOINT} answers {status} for {source.dataset}; {_OTHER_WAYS}"
        ) from error
    except Exception as error:  # whatever the network stack raises, it means the same to the user
        raise Unavailable(
            f"the hub cannot be reached at {constants.ENDPOINT} for {source.dataset}; {_OTHER_WAYS}"
        ) from error


def source_of(task: Task, *, labelled: bool = True) -> HubSource:
    """Where the task lies on the hub. Raises `InputError` for a task that is not there, or not with labels."""
    if task.hub is None:
        raise InputError(f"task {task.name} is not on the hub")
    if labelled and not task.hub.evaluation:
        raise InputError(f"the hub has {task.name} without labels; give the labelled file with --data local:DIR")
    return task.hub


def _download(source: HubSource) -> tuple[datasets.DatasetDict, str]:
    """All splits, and the commit they come from; 'cache' where the cache does not say."""
    import datasets

    try:
        if source.folder:
            return _download_files(source, source.folder)
        everything = datasets.load_dataset(source.dataset, source.config, revision=source.revision)
    except Exception as error:  # of the network, of the files, of the cache: to the user, data that cannot be had
        raise Unavailable(
            f"cannot load {source.dataset} ({source.config or source.folder}): {one_line(error)}; {_OTHER_WAYS}"
        ) from error
    return everything, _commit(everything)


def _download_files(source: HubSource, folder: str) -> tuple[datasets.DatasetDict, str]:
    """Parquet files that no card describes: one for each split, as the hub converts old data sets."""
    import datasets
    from huggingface_hub import hf_hub_download

    splits = {}
    for name in (source.train, *source.evaluation, *source.test):
        file = hf_hub_download(
            source.dataset, f"{folder}/{name}/0000.parquet", repo_type="dataset", revision=source.revision
        )
        splits[name] = datasets.Dataset.from_parquet(file)
        commit = Path(file).parents[2].name
    return datasets.DatasetDict(splits), commit


def _commit(everything: datasets.DatasetDict) -> str:
    """`datasets` names the cache folder of a repository's files after their commit."""
    for split in everything.values():
        for file in split.cache_files:
            if _COMMIT.fullmatch(name := Path(file["filename"]).parent.name):
                return name
    return "cache"


def _normal(everything: datasets.DatasetDict, name: str, source: HubSource, task: Task) -> datasets.Dataset:
    """A split with the columns that `TaskData` describes."""
    import datasets

    split = _split(everything, name, source)
    label = _column(split, source.label_column, source)
    if task.kind == "question-answering":
        answers = [{"text": list(a["text"]), "answer_start": list(a["answer_start"])} for a in label]
        texts = {"question": _column(split, source.text_columns[0], source)}
        texts["context"] = _column(split, source.text_columns[1], source)
        return datasets.Dataset.from_dict({"id": _column(split, "id", source), **texts, "answers": answers})
    if task.kind == "token-classification":
        _check_order(split.features[source.label_column], source, task)
        _check_labels({tag for tags in label for tag in tags}, source, task)
        words = _column(split, source.text_columns[0], source)
        return datasets.Dataset.from_dict({"words": words, "tags": label})
    examples = _texts(everything, name, source).add_column("label", label)
    if not task.labels:
        for row, score in enumerate(label, start=1):
            finite.number(score, f"{source.dataset} ({source.config}), {name}, row {row}")
        return examples
    _check_order(split.features[source.label_column], source, task)
    labelled = [row for row, found in enumerate(label) if found not in _NO_LABEL]
    if not labelled:
        raise InputError(f"{source.dataset} ({source.config}) has no labels in its split {name}")
    _check_labels({label[row] for row in labelled}, source, task)
    return examples if len(labelled) == len(label) else examples.select(labelled)


def _left_out(everything: datasets.DatasetDict, name: str, examples: datasets.Dataset) -> str:
    """The note about rows without a gold label, where there are some."""
    count = len(everything[name]) - len(examples)
    return f"left out of {name}, without a gold label: {count}" if count else ""


def _texts(everything: datasets.DatasetDict, name: str, source: HubSource) -> datasets.Dataset:
    import datasets

    split = _split(everything, name, source)
    names = ("text", "text_pair")[: len(source.text_columns)]
    return datasets.Dataset.from_dict(
        {new: _column(split, old, source) for new, old in zip(names, source.text_columns, strict=True)}
    )


def _split(everything: datasets.DatasetDict, name: str, source: HubSource) -> datasets.Dataset:
    if name not in everything:
        raise InputError(f"{source.dataset} ({source.config}) has no split {name!r}: {', '.join(everything)}")
    return everything[name]


def _column(split: datasets.Dataset, name: str, source: HubSource) -> list[Any]:
    if name not in split.column_names:
        raise InputError(f"{source.dataset} ({source.config}) has no column {name!r}: {', '.join(split.column_names)}")
    return list(split[name])


def _check_order(feature: Any, source: HubSource, task: Task) -> None:
    """Where the hub names its labels, they must stand in the order of the task's."""
    names = tuple(getattr(getattr(feature, "feature", feature), "names", None) or ())
    if names != task.labels and sorted(names) == sorted(task.labels):
        raise InputError(
            f"{source.dataset} ({source.config}) numbers its labels {', '.join(names)}, not {', '.join(task.labels)}"
        )


def _check_labels(found: set[object], source: HubSource, task: Task) -> None:
    if not found <= set(range(len(task.labels))):
        raise InputError(f"{source.dataset} ({source.config}) has labels outside 0 to {len(task.labels) - 1}")


def _short(split: str) -> str:
    return split.removeprefix("validation_").removeprefix("test_")
