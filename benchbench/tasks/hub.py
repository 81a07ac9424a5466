"""Reading a task from the Hugging Face hub through `datasets`, or from its cache where the hub is switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchbench.errors import InputError, Unavailable
from benchbench.tasks.task import HubSource, Task, TaskData

if TYPE_CHECKING:
    import datasets

_OTHER_WAYS = "give local files (--data local:DIR), or run the suite quick, which needs no network"
_TIMEOUT_SECONDS = 8


def load(task: Task) -> TaskData:
    """The task's examples from the hub. Raises `InputError` when its columns are not the expected ones."""
    import datasets

    source = source_of(task)
    try:
        everything = datasets.load_dataset(source.dataset, source.config, revision=source.revision)
    except (OSError, ValueError, ConnectionError) as error:
        line = (str(error).splitlines() or [type(error).__name__])[0]
        raise Unavailable(f"cannot load {source.dataset} ({source.config}): {line}; {_OTHER_WAYS}") from error
    splits = {name: _normal(everything[name], source, task) for name in (source.train, *source.evaluation)}
    fingerprints = "".join(split._fingerprint for split in splits.values())
    return TaskData(
        task=task,
        train=splits[source.train],
        evaluation={name.replace("validation_", ""): splits[name] for name in source.evaluation},
        origin=f"hub:{source.dataset}@{revision(source)}",
        fingerprint=fingerprints,
    )


def check(task: Task) -> None:
    """Whether the data set can be had, within about 8 s. Raises `Unavailable` with the ways that remain."""
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import HfHubHTTPError

    source = source_of(task)
    if constants.HF_HUB_OFFLINE:
        return  # the cache answers, or loading says what is missing from it
    try:
        HfApi().dataset_info(source.dataset, revision=source.revision, timeout=_TIMEOUT_SECONDS)
    except HfHubHTTPError as error:
        raise Unavailable(f"the hub has no data set {source.dataset} for you; {_OTHER_WAYS}") from error
    except Exception as error:  # whatever the network stack raises, it means the same to the user
        raise Unavailable(
            f"the hub cannot be reached at {constants.ENDPOINT} for {source.dataset}; {_OTHER_WAYS}"
        ) from error


def source_of(task: Task) -> HubSource:
    """Where the task lies on the hub. Raises `InputError` for a task that is not there."""
    if task.hub is None:
        raise InputError(f"task {task.name} is not on the hub")
    return task.hub


def revision(source: HubSource) -> str:
    """The commit that was loaded; 'unknown' where only the cache could be asked."""
    from huggingface_hub import HfApi, constants

    if source.revision or constants.HF_HUB_OFFLINE:
        return source.revision or "cache"
    try:
        return str(HfApi().dataset_info(source.dataset, timeout=_TIMEOUT_SECONDS).sha)
    except Exception:  # the data are there; only their revision is not known
        return "unknown"


def _normal(split: datasets.Dataset, source: HubSource, task: Task) -> datasets.Dataset:
    """The split with the columns `text`, `text_pair` and `label`."""
    wanted = (*source.text_columns, source.label_column)
    missing = [column for column in wanted if column not in split.column_names]
    if missing:
        raise InputError(
            f"{source.dataset} ({source.config}) has no column {missing[0]!r}: {', '.join(split.column_names)}"
        )
    names = dict(zip(wanted, (*("text", "text_pair")[: len(source.text_columns)], "label"), strict=True))
    import datasets

    plain = datasets.Dataset.from_dict({new: list(split[old]) for old, new in names.items()})
    if task.labels and not set(plain["label"]) <= set(range(len(task.labels))):
        raise InputError(f"{source.dataset} ({source.config}) has labels outside 0 to {len(task.labels) - 1}")
    return plain
