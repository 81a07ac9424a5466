"""A model as an ONNX file with free batch and sequence axes: what ONNX Runtime, OpenVINO and others read."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import benchbench
from benchbench import caches
from benchbench.errors import InputError
from benchbench.models import zoo
from benchbench.models.source import ModelSource
from benchbench.places import RANDOM

if TYPE_CHECKING:
    import torch

    from benchbench.models.logits import Logits

OPSET = 20


def export(source: ModelSource, lowered: bool, path: Path) -> None:
    """Write the model to `path`: inputs by their usual names, one output `logits`, in fp32.

    A model with random weights comes again and again, on one engine after the other: its file is made once and kept.
    """
    if source.weights != RANDOM:
        _write(source, lowered, path)
        return
    kept = caches.exported() / f"{_key(source, lowered)}.onnx"
    with caches.locked(kept.parent):
        if not kept.exists():
            part = kept.with_suffix(".part")
            _write(source, lowered, part)
            part.replace(kept)
        shutil.copyfile(kept, path)


def _key(source: ModelSource, lowered: bool) -> str:
    """A hash of everything that the file depends on. Lowering counts where the model has layers that it changes."""
    lowered = lowered and _is_changed_by_lowering(source)
    versions = {name: version(name) for name in ("torch", "transformers")}
    facts = (asdict(replace(source, lowered=lowered)), source.stamp(), OPSET, benchbench.__version__, versions)
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _is_changed_by_lowering(source: ModelSource) -> bool:
    if row := zoo.find(source.model):
        return row.model_type in zoo.LOWERED
    from benchbench.models.loading import skeleton
    from benchbench.models.lowering import is_lowered

    return is_lowered(skeleton(replace(source, lowered=True)))


def _write(source: ModelSource, lowered: bool, path: Path) -> None:
    """Uses PyTorch's tracing exporter: it takes a fifth of the time of the newer one (2 s against 10 s for a model of
    BERT-base's size), and the engines run both files equally fast.
    """
    import torch

    from benchbench.models.loading import build
    from benchbench.models.logits import Logits
    from benchbench.models.lowering import freeze

    model = freeze(Logits(build(replace(source, lowered=lowered))).eval().requires_grad_(False))
    _check_attention_is_one(source, model)
    inputs = _example(model, 2, 16)
    example = (inputs.pop("input_ids"), inputs)  # by name: not every model takes the second
    with _quiet(), torch.inference_mode():
        _check_shapes_are_free(model)
        torch.onnx.export(
            model,
            example,
            path,
            input_names=list(model.inputs),
            output_names=["logits"],
            dynamic_axes={name: {0: "batch", 1: "sequence"} for name in (*model.inputs, "logits")},
            opset_version=OPSET,
            dynamo=False,
        )


def _check_attention_is_one(source: ModelSource, model: Logits) -> None:
    """Raise `InputError` for a model that attends sparsely to long texts alone, as BigBird does: a file would hold the
    full attention that was traced."""
    from benchbench.models.extent import longest_sequence

    config: Any = model.model.config
    if getattr(config, "attention_type", None) != "block_sparse":
        return
    full = (5 + 2 * config.num_random_blocks) * config.block_size
    longest = longest_sequence(source)
    if longest is None or longest > full:
        raise InputError(f"its attention is sparse in texts of more than {full} tokens, which a traced file is not")


def _check_shapes_are_free(model: Logits) -> None:
    """Raise `InputError` for a model whose trace holds at the traced shape alone (Funnel, which pools with lengths of
    its own): a file made from it would give other logits at another length."""
    import torch

    names = list(model.inputs)

    def answer(*inputs: torch.Tensor) -> torch.Tensor:
        """The model as a function: of a module the tracer first makes a class for every layer, which takes longer."""
        return model(**dict(zip(names, inputs, strict=True)))  # type: ignore[no-any-return]

    trace: Callable[..., Any] = torch.jit.trace
    traced = trace(answer, tuple(_example(model, 2, 16).values()), check_trace=False)
    other = _example(model, 3, 21)
    try:
        follows = torch.allclose(traced(*other.values()), model(**other), rtol=1e-3, atol=1e-5)
    except RuntimeError:
        follows = False
    if not follows:
        raise InputError(
            "its computation depends on the shape of the batch in a way that a traced file does not follow"
        )


def _example(model: Logits, rows: int, tokens: int) -> dict[str, torch.Tensor]:
    """Inputs by name, of all kinds of tokens. Of types there may be one only, so they are all the first."""
    import torch

    config: Any = model.model.config
    ids = torch.arange(rows * tokens).reshape(rows, tokens) % config.vocab_size
    given = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "token_type_ids": torch.zeros_like(ids)}
    return {name: given[name] for name in model.inputs}


@contextmanager
def _quiet() -> Iterator[None]:
    """Tracing warns of Python conditions on shapes; the conformance kit checks that other shapes come out right."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
