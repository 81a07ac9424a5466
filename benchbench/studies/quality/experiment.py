"""A model and a task's examples, tokenised for it: what is trained, scored, deployed and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import datasets
import numpy

from benchbench.models.loading import quiet
from benchbench.models.lowering import as_written
from benchbench.models.source import ModelSource
from benchbench.places import bare, local
from benchbench.records import Marking, Subject
from benchbench.scoring.answers import Answers
from benchbench.studies.display import facts_table
from benchbench.studies.training.prediction import predict
from benchbench.suites.schema import QualityParameters
from benchbench.targets.texts import Texts
from benchbench.tasks import kinds
from benchbench.tasks.task import TaskData
from benchbench.tasks.tokenization import TokenisedTask

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Experiment:
    """A task's examples, tokenised for a model that is about to be trained, or is scored as it is.

    `label_order`: where the model's head has each of the task's labels; empty where it has them as the task does.
    """

    parameters: QualityParameters
    data: TaskData
    tokens: TokenisedTask
    tokenizer: PreTrainedTokenizerBase
    tokenizer_origin: str
    model: nn.Module
    weights: str
    label_order: tuple[int, ...] = ()

    @property
    def subject(self) -> Subject:
        p = self.parameters
        return Subject(
            model=p.model.name,
            weights=self.weights,
            task=p.task,
            data=self.data.origin,
            seed=p.seed,
            recipe=p.recipe,
        )

    @property
    def marking(self) -> Marking:
        return kinds.marking(self.data.task)

    def answers(self) -> Mapping[str, Answers]:
        """By split, what the model as it stands answers in PyTorch and fp32, as transformers writes it."""
        with as_written(self.model):
            return {name: self.marked(name, self.logits(tokens)) for name, tokens in self.tokens.evaluation.items()}

    def logits(self, tokens: datasets.Dataset) -> list[numpy.ndarray]:
        """What the model as it stands says of each of the tokenised texts: one array each, in its head's order."""
        return predict(self.model, tokens, self.tokenizer, self.parameters.batch_size)

    def in_order(self, logits: Sequence[numpy.ndarray]) -> list[numpy.ndarray]:
        """The same `logits`, one array for each text, in the order of the task's labels."""
        return [part[..., list(self.label_order)] for part in logits] if self.label_order else list(logits)

    def marked(self, split: str, logits: Sequence[numpy.ndarray]) -> Answers:
        """The answers that `logits` are, one array for each of the split's tokenised texts."""
        task = self.data.task
        examples, tokens = self.data.evaluation[split], self.tokens.evaluation[split]
        return kinds.of(task).answers(task, examples, tokens, self.in_order(logits))

    def split_apart(self, logits: Sequence[numpy.ndarray]) -> Mapping[str, Answers]:
        """The answers by split of `logits`, one array for each of `texts`."""
        found, start = {}, 0
        for split, tokens in self.tokens.evaluation.items():
            found[split] = self.marked(split, logits[start : start + len(tokens)])
            start += len(tokens)
        return found

    def texts(self, batch_size: int) -> Texts:
        """All evaluation texts, split after split, as a target's session is given them."""
        tokens = datasets.concatenate_datasets(
            [split.select_columns(_inputs(split)) for split in self.tokens.evaluation.values()]
        )
        padding = (self.tokenizer.pad_token_id or 0, self.tokenizer.pad_token_type_id)
        left = self.tokenizer.padding_side == "left"
        return Texts(_rows(tokens, "input_ids"), _rows(tokens, "token_type_ids"), batch_size, padding, left)

    def save(self, folder: Path) -> ModelSource:
        """Leave model and tokenizer in `folder`, which transformers reads; the source of that."""
        labels = self.data.task.labels
        config: Any = self.model.config
        if labels:
            config.label2id = dict(zip(labels, self.label_order or range(len(labels)), strict=True))
            config.id2label = {number: label for label, number in config.label2id.items()}
        with quiet():
            self.model.save_pretrained(folder)  # type: ignore[operator]
            self.tokenizer.save_pretrained(folder)
        task = self.data.task
        return ModelSource(bare(folder), local(folder), head=kinds.of(task).head, num_labels=task.num_labels)

    def _repr_html_(self) -> str:
        splits = ", ".join(f"{name}: {len(split):,}" for name, split in self.data.evaluation.items())
        facts = {
            "task": f"{self.data.task.title} ({self.data.origin})",
            "training examples": f"{len(self.data.train):,}" if self.parameters.training else "none: it is not trained",
            "evaluation examples": splits,
            "model": f"{self.parameters.model}, weights: {self.weights}",
            "tokenizer": self.tokenizer_origin,
            **({"notes on the data": "; ".join(self.data.notes)} if self.data.notes else {}),
        }
        return facts_table(facts)


def _inputs(tokens: datasets.Dataset) -> list[str]:
    return [name for name in ("input_ids", "token_type_ids") if name in tokens.column_names]


def _rows(tokens: datasets.Dataset, name: str) -> tuple[tuple[int, ...], ...]:
    return tuple(map(tuple, tokens[name])) if name in tokens.column_names else ()
