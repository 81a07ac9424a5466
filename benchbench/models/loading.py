"""Building a model from its source: random weights, the hub, or a local folder. Never code from a checkpoint."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbench.errors import InputError, Unavailable, one_line
from benchbench.models import zoo
from benchbench.models.source import ModelSource
from benchbench.models.weights import checkpoints, encoder_weights
from benchbench.places import HUB, LOCAL, RANDOM, Place, is_file, is_folder

if TYPE_CHECKING:
    from torch import nn
    from transformers import PretrainedConfig, PreTrainedTokenizerBase

_OTHER_WAYS = "give a local folder (--weights local:DIR), or run the suite quick, which needs no network"
_AUTO = {
    "sequence-classification": "AutoModelForSequenceClassification",
    "token-classification": "AutoModelForTokenClassification",
    "question-answering": "AutoModelForQuestionAnswering",
}
IMPORTS = ("torch", "transformers.modeling_utils")
"""What takes seconds of building a model in a fresh process; see `benchbench.forking`."""
_HUB_TIMEOUT_SECONDS = 6
_START_AND_END = 2
_USUAL_LABELS = 2  # of transformers' configurations that say nothing else
_MOST = {"num_hidden_layers": 1000, "max_position_embeddings": 10_000_000}
"""Far beyond any encoder: building more takes minutes, or all of the memory, before it fails."""
_LEFT_OVER = ("output_attentions", "output_hidden_states", "return_dict", "torchscript", "problem_type")
"""Settings of a checkpoint's earlier use, which say nothing about its weights: the task decides."""


def check(source: ModelSource) -> None:
    """Fail now rather than in the middle of a run: names, folders, whether weights fit, and the hub can be reached.

    Of a folder's weights names and shapes are read. Raises `InputError` or `Unavailable`.
    """
    row = zoo.find(source.model)
    if source.weights == RANDOM:
        if source.model.path is not None:
            skeleton(source)
        elif row is None:
            _check_hub(source.model.name, source.revision)
        return
    place = locate(source)
    if place.path is None:
        _check_hub(place.name, _revision(source))
        return
    _check_row(source, place.path, row)
    with quiet():
        _loaded(source, device="meta")


def untrained(source: ModelSource) -> Sequence[str]:
    """The weights of the head that pretrained weights lack, which loading would draw at random. Raises `InputError`."""
    with quiet():
        return encoder_weights.of_head(*_loaded(source, device="meta"))


def check_tokenizer(source: ModelSource) -> None:
    """Raise `InputError` where pretrained weights in a folder have no tokenizer that fits them beside them."""
    if source.weights != RANDOM and locate(source).path is not None:
        tokenizer(source)


def locate(source: ModelSource) -> Place:
    """Where pretrained weights lie: a local folder, or a hub id. A model given as a folder is its own weights.

    Raises `InputError` where there are none.
    """
    if source.model.path is not None:
        return Place(f"{LOCAL}{source.model.in_full.removeprefix(LOCAL)}")
    if source.weights.path is not None:
        name = source.name.replace("/", "--")
        whole = checkpoint_in(source.weights.path, name) == source.weights.path
        return source.weights if whole else source.weights.below(name)
    row = zoo.find(source.model)
    if row is None:
        return source.model
    if row.hub_id is None:
        raise InputError(f"{row.name} has no pretrained weights; use --weights random")
    return Place(row.hub_id)


def checkpoint_in(folder: Path, name: str) -> Path:
    """`folder` itself where it holds a config.json, else the folder called `name` in it, where there is one."""
    return folder / name if not is_file(folder / "config.json") and is_folder(folder / name) else folder


def config(source: ModelSource) -> PretrainedConfig:
    """The configuration that `build` uses. Raises `InputError` where a checkpoint's is not that of a model."""
    from transformers import CONFIG_MAPPING, AutoConfig

    row = zoo.find(source.model)
    labels = _START_AND_END if source.head == "question-answering" else source.num_labels
    if source.weights == RANDOM and row is not None:
        return AutoConfig.for_model(row.model_type, **row.config, num_labels=labels)
    place = locate(source if source.weights != RANDOM else ModelSource(source.model, HUB))
    settings = _settings(place, _revision(source))
    with quiet(), _said(f"cannot use the config.json of {_where(place)}"):
        kept = {name: value for name, value in settings.items() if name not in _LEFT_OVER}
        if kept.get("model_type") not in CONFIG_MAPPING:
            raise InputError(f"{_where(place)}: transformers knows no model_type {kept.get('model_type')!r}")
        found: PretrainedConfig = CONFIG_MAPPING[kept["model_type"]].from_dict(kept, num_labels=labels)
    for name, most in _MOST.items():
        if isinstance(asked := getattr(found, name, 0), int) and asked > most:
            raise InputError(f"{_where(place)}: config.json has {name} {asked}, more than {most}")
    return found


def labels(source: ModelSource) -> Sequence[str]:
    """What a checkpoint itself calls the outputs of its head, in their order; LABEL_0 and on where it names none.

    Raises `InputError` where its configuration cannot be read.
    """
    settings = _settings(locate(source), _revision(source))
    named = settings.get("id2label")
    try:
        if isinstance(named, Mapping):
            return [name for _, name in sorted((int(number), str(name)) for number, name in named.items())]
        return [f"LABEL_{number}" for number in range(int(settings.get("num_labels") or _USUAL_LABELS))]
    except (TypeError, ValueError) as error:
        raise InputError(f"{_where(locate(source))}: id2label and num_labels of config.json name no labels") from error


def build(source: ModelSource) -> nn.Module:
    """The network in evaluation mode, its random parts drawn by `source.seed`; the global random state is untouched.

    Raises `InputError` where a checkpoint cannot be loaded, or its encoder would not have the weights of the file.
    """
    import torch

    with torch.random.fork_rng(devices=[]), quiet():
        torch.manual_seed(source.seed)
        model: nn.Module = _random(source) if source.weights == RANDOM else _loaded(source)[0]
    return lowered(model, source).eval()


def unfilled(source: ModelSource) -> nn.Module:
    """The network with random weights before these are drawn, not lowered: its memory holds anything."""
    from transformers.initialization import no_init_weights

    with no_init_weights(), quiet():
        model: nn.Module = _random(source)
    return model.eval()


def skeleton(source: ModelSource) -> nn.Module:
    """The network in evaluation mode without values, on the meta device: enough for whatever is only counted."""
    import torch

    with torch.device("meta"), quiet():
        return lowered(_random(source), source).eval()


def tokenizer(source: ModelSource) -> PreTrainedTokenizerBase:
    """The tokenizer that belongs to pretrained weights.

    Raises `InputError` where there is none, or one that has ids for which the model has no embedding.
    """
    from transformers import AutoTokenizer

    place, settings = locate(source), config(source)
    lacking = place.path is not None and not checkpoints.has_vocabulary(place.path)
    none = InputError(
        f"{_where(place)} holds no tokenizer (tokenizer.json or a vocabulary); save the model's own there"
    )
    with quiet(), _said(none if lacking else f"cannot read the tokenizer of {_where(place)}"):
        found: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            _given(place), config=settings, revision=_revision(source), trust_remote_code=False
        )
        last = max(found.get_vocab().values(), default=0)
    if lacking and type(found).vocab_files_names:
        raise none
    rows = getattr(settings, "vocab_size", None)
    if rows is not None and last >= rows:
        raise InputError(f"{_where(place)}: its tokenizer has ids up to {last}, its embedding only {rows} rows")
    return found


def label(source: ModelSource) -> str:
    """Where the weights come from, without building anything: 'random', 'hub:ID' or 'local:NAME', never a path."""
    if source.weights == RANDOM:
        return RANDOM.name
    place = locate(source)
    return place.name if place.path is not None else f"hub:{place.name}"


def describe(source: ModelSource, model: nn.Module) -> str:
    """Where the weights came from, for a record: 'random', 'hub:ID@REVISION' or 'local:NAME', never a path."""
    found = label(source)
    if source.weights == RANDOM or (place := locate(source)).path is not None:
        return found
    revision = _revision(source)
    return f"{found}@{_commit(place.name, revision) or revision or 'unknown'}"


def lowered(model: nn.Module, source: ModelSource) -> nn.Module:
    """`model` as `source` wants it: lowered, or as it is."""
    if not source.lowered:
        return model
    from benchbench.models.lowering import lower

    return lower(model)


def _random(source: ModelSource) -> Any:
    import transformers

    settings = config(source)
    with _said(f"cannot build {source.model.path or source.name} by its configuration"):
        return getattr(transformers, _AUTO[source.head]).from_config(settings, trust_remote_code=False)


def _loaded(source: ModelSource, device: str | None = None) -> tuple[Any, Mapping[str, Any]]:
    """The network, and what loading says about its weights; on the device 'meta' no values are read.

    There it is tried first: weights of another shape than the file's would be drawn at random, however large.
    """
    import torch
    import transformers

    place = locate(source)
    if place.path is not None:
        checkpoints.check_weights(place.path)
    if device is None:
        _loaded(source, device="meta")
    settings = config(source)
    with _said(f"cannot load the weights of {_where(place)}"):
        model, info = getattr(transformers, _AUTO[source.head]).from_pretrained(
            _given(place),
            config=settings,
            revision=_revision(source),
            trust_remote_code=False,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
            dtype=torch.float32,
            device_map=device,
        )
    encoder_weights.check(_where(place), model, info)
    return model.float(), info


def _settings(place: Place, revision: str | None) -> Mapping[str, Any]:
    """What the config.json of a checkpoint says."""
    from transformers import PreTrainedConfig

    if place.path is not None:
        checkpoints.settings(place.path)
    with _said(f"cannot use the config.json of {_where(place)}"):
        settings, _ = PreTrainedConfig.get_config_dict(_given(place), revision=revision)
    return dict(settings)


def _where(place: Place) -> str:
    """A place as an error names it to the person who gave it."""
    return str(place.path or place.name)


@contextmanager
def _said(what: str | InputError) -> Iterator[None]:
    """Whatever a library raises about a user's checkpoint is one line that begins with `what`, or that error."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise (what if isinstance(what, InputError) else InputError(f"{what}: {one_line(error)}")) from error


def _revision(source: ModelSource) -> str | None:
    """Of weights on the hub: the one that was asked for, else the row's."""
    row = zoo.find(source.model)
    return source.revision or (row.revision if row is not None else None)


def _commit(hub_id: str, revision: str | None) -> str | None:
    """The commit that loading just left in the hub's cache, whose folders are named after commits."""
    from huggingface_hub import try_to_load_from_cache

    file = try_to_load_from_cache(hub_id, "config.json", revision=revision)
    return Path(file).parent.name if isinstance(file, str) else None


def _check_row(source: ModelSource, folder: Path, row: zoo.ModelRow | None) -> None:
    """Raise `InputError` where the folder of a model of the zoo holds another one."""
    if row is None:
        return
    from transformers import AutoConfig

    found = config(source)
    if found.model_type == row.model_type:
        wanted = AutoConfig.for_model(row.model_type, **row.config)
        differing = [key for key in ("hidden_size", "num_hidden_layers") if getattr(found, key) != getattr(wanted, key)]
        said = [f"its {key} is {getattr(found, key)}, not {getattr(wanted, key)}" for key in differing]
    else:
        said = [f"its model_type is {found.model_type}, not {row.model_type}"]
    if said:
        raise InputError(f"{folder} is not {row.name}: {said[0]}; name it as a model of its own with --models {folder}")


def _check_hub(hub_id: str, revision: str | None) -> None:
    from huggingface_hub import HfApi, constants, try_to_load_from_cache
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        cached = try_to_load_from_cache(hub_id, "config.json", revision=revision)
    except HFValidationError:
        raise InputError(f"{hub_id!r} is no folder, and no id on the hub either") from None
    if isinstance(cached, str):
        return
    if constants.HF_HUB_OFFLINE:
        raise Unavailable(f"{hub_id} is not in the hub cache, and HF_HUB_OFFLINE is set; {_OTHER_WAYS}")
    try:
        HfApi().model_info(hub_id, revision=revision, timeout=_HUB_TIMEOUT_SECONDS)
    except HfHubHTTPError as error:
        raise Unavailable(f"the hub has no model {hub_id} for you ({type(error).__name__}); {_OTHER_WAYS}") from error
    except Exception as error:  # whatever the network stack raises, it means the same to the user
        raise Unavailable(f"the hub cannot be reached at {constants.ENDPOINT} for {hub_id}; {_OTHER_WAYS}") from error


def _given(place: Place) -> Path | str:
    """What `from_pretrained` takes. Raises `InputError` for an id that a folder here would stand in for."""
    if place.path is None and is_folder(place.name):
        raise InputError(f"the folder ./{place.name} would be read instead of the hub's {place.name}; work elsewhere")
    return place.path or place.name


@contextmanager
def quiet() -> Iterator[None]:
    """Loading reports and progress bars stay off the screen; what matters in them is checked above."""
    from transformers.utils import logging as noise

    logger, bar = logging.getLogger("transformers"), noise.is_progress_bar_enabled()
    before = logger.level
    logger.setLevel(logging.ERROR)
    noise.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logger.setLevel(before)
        if bar:
            noise.enable_progress_bar()  # type: ignore[no-untyped-call]
