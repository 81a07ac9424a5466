"""A model and a task's examples, tokenised for it: what is trained, scored, deployed and kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import datasets
import numpy

from benchbench.errors import Missing
from benchbench.models.loading import IMPORTS, quiet
from benchbench.models.lowering import as_written
from benchbench.models.source import ModelSource
from benchbench.places import bare, local
from benchbench.records import Marking, Subject
from benchbench.scoring.answers import Answers
from benchbench.studies.deployment.calibration_texts import calibration_of
from benchbench.studies.display import facts_table
from benchbench.studies.training.prediction import predict, reads_padding
from benchbench.studies.workers.answering import Reading
from benchbench.suites.schema import QualityParameters
from benchbench.targets.calibration import Calibration
from benchbench.targets.texts import Texts, Written
from benchbench.targets.tokeniser import FILE, Tokeniser
from benchbench.tasks import kinds
from benchbench.tasks.task import Task, TaskData
from benchbench.tasks.tokenization import TokenisedTask, cut

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedTokenizerBase

READS_PADDING = "reads the padding behind a text: fp32 PyTorch answers without any; batches of a target may have some"


@dataclass(frozen=True)
class Experiment(ABC):
    """A task's examples and a model for them that is about to be trained, or is scored as it is.

    `weights`: what the model starts from, as a record calls it. `reads`: in words, what makes the model's inputs of
    texts, and where that comes from.
    """

    parameters: QualityParameters
    data: TaskData
    weights: str
    reads: str

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

    @abstractmethod
    def answers(self) -> Mapping[str, Answers]:
        """By split, what the model as it stands answers where it was trained; an encoder in PyTorch and fp32."""

    @abstractmethod
    def count(self, split: str) -> int:
        """How many of `texts` are of this split."""

    @abstractmethod
    def marked(self, split: str, logits: Sequence[numpy.ndarray]) -> Answers:
        """The answers that `logits` are, one array for each of the split's texts."""

    def split_apart(self, logits: Sequence[numpy.ndarray]) -> Mapping[str, Answers]:
        """The answers by split of `logits`, one array for each of `texts`."""
        found, start = {}, 0
        for split in self.data.evaluation:
            end = start + self.count(split)
            found[split], start = self.marked(split, logits[start:end]), end
        return found

    @abstractmethod
    def texts(self, batch_size: int) -> Texts | Written:
        """All evaluation texts, split after split, as a target's session is given them."""

    @abstractmethod
    def save(self, folder: Path) -> ModelSource:
        """Leave all of the model in `folder`; the source of that."""

    @abstractmethod
    def predicted_test(self, task: Task, examples: datasets.Dataset) -> list[numpy.ndarray]:
        """The logits for each of `examples` of an unlabelled split of `task`, in the order of its labels."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of its scores has to know of the model."""
        return ()

    @property
    def longest(self) -> int:
        """Tokens of the longest evaluation text; 0 where the model knows no tokens."""
        return 0

    @property
    def preparing(self) -> tuple[str, ...]:
        """Modules that take long to import and that preparing the model for a target imports."""
        return ()

    @property
    def unread(self) -> Missing | None:
        """Why a query on a target does not begin with its text; None where it does."""
        return None

    def reading(self, saved: Path, batch_size: int) -> Reading | None:
        """How texts become tokens before a session is asked, by what lies in `saved`; None where they do not."""
        return None

    def calibration(self) -> Calibration | None:
        """The texts that an int8 target is calibrated on, where the model is one for such targets."""
        return None

    def truncated_share(self, split: str) -> float | None:
        """The share of a split's texts that are cut; None where none is."""
        return None

    def _repr_html_(self) -> str:
        splits = ", ".join(f"{name}: {len(split):,}" for name, split in self.data.evaluation.items())
        facts = {
            "task": f"{self.data.task.title} ({self.data.origin})",
            "training examples": f"{len(self.data.train):,}" if self.parameters.training else "none: it is not trained",
            "evaluation examples": splits,
            "model": f"{self.parameters.model}, weights: {self.weights}",
            "tokenizer": self.reads,
            **({"notes on the data": "; ".join(self.data.notes)} if self.data.notes else {}),
        }
        return facts_table(facts)


@dataclass(frozen=True)
class EncoderExperiment(Experiment):
    """The same with an encoder, and the examples tokenised for it.

    `label_order`: where the model's head has each of the task's labels; empty where it has them as the task does.
    """

    tokens: TokenisedTask
    tokenizer: PreTrainedTokenizerBase
    model: nn.Module
    label_order: tuple[int, ...] = ()

    @property
    def preparing(self) -> tuple[str, ...]:
        return IMPORTS

    def answers(self) -> Mapping[str, Answers]:
        with as_written(self.model):
            return {name: self.marked(name, self.logits(tokens)) for name, tokens in self.tokens.evaluation.items()}

    def logits(self, tokens: datasets.Dataset) -> list[numpy.ndarray]:
        """What the model as it stands says of each of the tokenised texts: one array each, in its head's order."""
        return predict(self.model, tokens, self.tokenizer, self.parameters.batch_size)

    def in_order(self, logits: Sequence[numpy.ndarray]) -> list[numpy.ndarray]:
        """The same `logits`, one array for each text, in the order of the task's labels."""
        return [part[..., list(self.label_order)] for part in logits] if self.label_order else list(logits)

    def count(self, split: str) -> int:
        return len(self.tokens.evaluation[split])

    def marked(self, split: str, logits: Sequence[numpy.ndarray]) -> Answers:
        task = self.data.task
        examples, tokens = self.data.evaluation[split], self.tokens.evaluation[split]
        return kinds.of(task).answers(task, examples, tokens, self.in_order(logits))

    def texts(self, batch_size: int) -> Texts:
        tokens = datasets.concatenate_datasets(
            [split.select_columns(_inputs(split)) for split in self.tokens.evaluation.values()]
        )
        return Texts(_rows(tokens, "input_ids"), _rows(tokens, "token_type_ids"), batch_size, *self._padding())

    def _padding(self) -> tuple[tuple[int, int], bool]:
        padding = (self.tokenizer.pad_token_id or 0, self.tokenizer.pad_token_type_id)
        return padding, self.tokenizer.padding_side == "left"

    @property
    def notes(self) -> tuple[str, ...]:
        return (f"{self.subject.model} {READS_PADDING}",) if reads_padding(self.model) else ()

    @property
    def longest(self) -> int:
        return self.texts(1).longest

    @property
    def unread(self) -> Missing | None:
        if kinds.of(self.data.task).written is None:
            return Missing("a long text has several windows, and its request several queries")
        return None if self.tokenizer.is_fast else Missing("its tokenizer exists in Python alone")

    def reading(self, saved: Path, batch_size: int) -> Reading | None:
        kind = kinds.of(self.data.task)
        if self.unread or kind.written is None:
            return None
        texts = [text for split in self.data.evaluation.values() for text in kind.written(split, self.tokenizer)]
        knows_types = any("token_type_ids" in split.column_names for split in self.tokens.evaluation.values())
        cut_left = self.tokenizer.truncation_side == "left"
        tokeniser = Tokeniser(saved / FILE, self.parameters.longest, cut_left, knows_types, *self._padding())
        return Reading(Written(tuple(texts), batch_size, kind.as_words), tokeniser)

    def calibration(self) -> Calibration:
        return calibration_of(self.tokens.train, self.tokenizer, self.parameters.seed)

    def truncated_share(self, split: str) -> float | None:
        examples = self.data.evaluation[split]
        tokens, longest = self.tokens.evaluation[split], self.parameters.longest
        lost = cut(self.data.task, examples, tokens, self.tokenizer, longest)
        return None if lost is None else lost / len(examples)

    def predicted_test(self, task: Task, examples: datasets.Dataset) -> list[numpy.ndarray]:
        tokens = kinds.of(task).tokenise_evaluation(examples, self.tokenizer, self.parameters.longest)
        return self.in_order(self.logits(tokens))

    def save(self, folder: Path) -> ModelSource:
        """Leave model and tokenizer in `folder`, which transformers reads."""
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


def _inputs(tokens: datasets.Dataset) -> list[str]:
    return [name for name in ("input_ids", "token_type_ids") if name in tokens.column_names]


def _rows(tokens: datasets.Dataset, name: str) -> tuple[tuple[int, ...], ...]:
    return tuple(map(tuple, tokens[name])) if name in tokens.column_names else ()
