"""Building a model from its source: random weights, the hub, or a local folder. Never code from a checkpoint."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbench import places
from benchbench.errors import InputError, Unavailable, one_line
from benchbench.models import zoo
from benchbench.models.source import ModelSource
from benchbench.places import HUB, RANDOM, Place, is_file, is_folder

if TYPE_CHECKING:
    from torch import nn
    from transformers import PretrainedConfig, PreTrainedTokenizerBase

_WEIGHT_FILES = ("*.safetensors", "pytorch_model*.bin")
_OTHER_WAYS = "give a local folder (--weights local:DIR), or run the suite quick, which needs no network"
_AUTO = {
    "sequence-classification": "AutoModelForSequenceClassification",
    "token-classification": "AutoModelForTokenClassification",
    "question-answering": "AutoModelForQuestionAnswering",
}
_HUB_TIMEOUT_SECONDS = 6


def check(source: ModelSource) -> None:
    """Fail now rather than in the middle of a run: names, folders, and whether the hub can be reached.

    Raises `InputError` or `Unavailable`.
    """
    row = zoo.find(source.model)
    if source.weights == RANDOM:
        return
    place = locate(source)
    if place.path is not None:
        _check_folder(place.path, row)
    else:
        _check_hub(place.name)


def locate(source: ModelSource) -> Place:
    """Where pretrained weights lie: a local folder, or a hub id. A model given as a folder is its own weights.

    Raises `InputError` where there are none.
    """
    if source.model.path is not None:
        return places.local(source.model.path)
    if source.weights.path is not None:
        return places.local(checkpoint_in(source.weights.path, source.name.replace("/", "--")))
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
    """The configuration that `build` uses."""
    from transformers import AutoConfig

    row = zoo.find(source.model)
    labels: dict[str, Any] = {} if source.head == "question-answering" else {"num_labels": source.num_labels}
    if source.weights == RANDOM and row is not None:
        return AutoConfig.for_model(row.model_type, **row.config, **labels)
    place = locate(source if source.weights != RANDOM else ModelSource(source.model, HUB))
    found: PretrainedConfig = AutoConfig.from_pretrained(
        _given(place), revision=source.revision, trust_remote_code=False, **labels
    )
    return found


def longest(row: zoo.ModelRow) -> int:
    """The most tokens that a model of the zoo takes, as its configuration has it."""
    from transformers import AutoConfig

    return int(AutoConfig.for_model(row.model_type, **row.config).max_position_embeddings)


def build(source: ModelSource) -> nn.Module:
    """The network in evaluation mode, its random parts drawn by `source.seed`; the global random state is untouched.

    Raises `InputError` when a checkpoint lacks weights of the encoder.
    """
    import torch

    with torch.random.fork_rng(devices=[]), quiet():
        torch.manual_seed(source.seed)
        model: nn.Module = _random(source) if source.weights == RANDOM else _pretrained(source)
    return _lowered(model, source).eval()


def skeleton(source: ModelSource) -> nn.Module:
    """The network in evaluation mode without values, on the meta device: enough for whatever is only counted."""
    import torch

    with torch.device("meta"), quiet():
        return _lowered(_random(source), source).eval()


def tokenizer(source: ModelSource) -> PreTrainedTokenizerBase:
    """The tokenizer that belongs to pretrained weights."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(_given(locate(source)), revision=source.revision, trust_remote_code=False)


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
    return f"{found}@{_commit(place.name, source.revision) or source.revision or 'unknown'}"


def weights_hash(model: nn.Module) -> str:
    """SHA-256 over the names and bytes of the state dict."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().contiguous().cpu().view(-1).numpy().tobytes())
    return digest.hexdigest()


def _lowered(model: nn.Module, source: ModelSource) -> nn.Module:
    if not source.lowered:
        return model
    from benchbench.models.lowering import lower

    return lower(model)


def _random(source: ModelSource) -> Any:
    import transformers

    return getattr(transformers, _AUTO[source.head]).from_config(config(source), trust_remote_code=False)


def _pretrained(source: ModelSource) -> Any:
    import transformers

    place = locate(source)
    labels: dict[str, Any] = {} if source.head == "question-answering" else {"num_labels": source.num_labels}
    try:
        model, info = getattr(transformers, _AUTO[source.head]).from_pretrained(
            _given(place),
            revision=source.revision,
            trust_remote_code=False,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
            **labels,
        )
    except (OSError, ValueError) as error:
        raise InputError(f"cannot load {place}: {one_line(error)}") from error
    encoder = f"{model.base_model_prefix}."
    missing = [key for key in info["missing_keys"] if key.startswith(encoder) and "pooler" not in key]
    if missing:
        raise InputError(f"{place} lacks {len(missing)} weights of the encoder, {missing[0]} for one")
    return model.float()


def _commit(hub_id: str, revision: str | None) -> str | None:
    """The commit that loading just left in the hub's cache, whose folders are named after commits."""
    from huggingface_hub import try_to_load_from_cache

    file = try_to_load_from_cache(hub_id, "config.json", revision=revision)
    return Path(file).parent.name if isinstance(file, str) else None


def _check_folder(folder: Path, row: zoo.ModelRow | None) -> None:
    import json

    if not is_folder(folder):
        raise InputError(f"no weights at {folder}: the folder does not exist")
    try:
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        _ = settings["model_type"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{folder} has no config.json that names a model_type; give a folder written by save_pretrained"
        ) from None
    if not any(path for pattern in _WEIGHT_FILES for path in folder.glob(pattern)):
        raise InputError(f"{folder} holds no weights (model.safetensors or pytorch_model.bin)")
    if row is None:
        return
    from transformers import AutoConfig

    if settings["model_type"] == row.model_type:
        found, wanted = (
            AutoConfig.for_model(**given) for given in (settings, {"model_type": row.model_type, **row.config})
        )
        differing = [key for key in ("hidden_size", "num_hidden_layers") if getattr(found, key) != getattr(wanted, key)]
        said = [f"its {key} is {getattr(found, key)}, not {getattr(wanted, key)}" for key in differing]
    else:
        said = [f"its model_type is {settings['model_type']}, not {row.model_type}"]
    if said:
        raise InputError(f"{folder} is not {row.name}: {said[0]}; name it as a model of its own with --models {folder}")


def _check_hub(hub_id: str) -> None:
    from huggingface_hub import HfApi, constants, try_to_load_from_cache
    from huggingface_hub.errors import HfHubHTTPError

    if isinstance(try_to_load_from_cache(hub_id, "config.json"), str):
        return
    if constants.HF_HUB_OFFLINE:
        raise Unavailable(f"{hub_id} is not in the hub cache, and HF_HUB_OFFLINE is set; {_OTHER_WAYS}")
    try:
        HfApi().model_info(hub_id, timeout=_HUB_TIMEOUT_SECONDS)
    except HfHubHTTPError as error:
        raise Unavailable(f"the hub has no model {hub_id} for you ({type(error).__name__}); {_OTHER_WAYS}") from error
    except Exception as error:  # whatever the network stack raises, it means the same to the user
        raise Unavailable(f"the hub cannot be reached at {constants.ENDPOINT} for {hub_id}; {_OTHER_WAYS}") from error


def _given(place: Place) -> Path | str:
    """What `from_pretrained` takes."""
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
