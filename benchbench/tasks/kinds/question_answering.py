"""Answers as spans of a context: windows over long contexts, the best span of all windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy

from benchbench.scoring.answers import Answers
from benchbench.scoring.spans import has_null_answers
from benchbench.tasks.task import Task

if TYPE_CHECKING:
    import datasets
    from transformers import BatchEncoding, PreTrainedTokenizerBase

_LONGEST_QUESTION = 64  # pieces, as in BERT's run_squad.py
_LONGEST_ANSWER = 30  # pieces, likewise
_STRIDE = 128  # pieces that neighbouring windows share, likewise
_N_BEST = 20  # starts and ends that are paired, likewise
_NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Span:
    """An answer by a window's logits: `score` is start logit plus end logit; `start`, `end` are characters."""

    score: float
    start: int
    end: int


def tokenise_training(split: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, max_length: int) -> datasets.Dataset:
    """Windows with `start_positions` and `end_positions`: tokens, both 0 where the window lacks the answer.

    Of several answers the first is learned. Needs a fast tokenizer, which knows where its pieces come from.
    """
    import datasets

    encoded = _windows(split, tokenizer, max_length)
    answers = list(split["answers"])
    spans = [
        _answer_tokens(answers[example], starts, ends)
        for example, starts, ends in zip(encoded["example"], encoded["piece_start"], encoded["piece_end"], strict=True)
    ]
    return datasets.Dataset.from_dict(
        {
            **{name: encoded[name] for name in encoded if name not in ("example", "piece_start", "piece_end")},
            "start_positions": [start for start, _ in spans],
            "end_positions": [end for _, end in spans],
        }
    )


def tokenise_evaluation(
    split: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, max_length: int
) -> datasets.Dataset:
    """Windows with the number of their `example`, and the characters of the context that each piece covers.

    `piece_start`, `piece_end`: -1 for pieces of the question and special tokens.
    """
    import datasets

    return datasets.Dataset.from_dict(_windows(split, tokenizer, max_length))


def answers(
    task: Task, examples: datasets.Dataset, tokens: datasets.Dataset, logits: Sequence[numpy.ndarray]
) -> Answers:
    """See `kinds.Kind.answers`; each of `logits`: (tokens, 2), start and end.

    Questions without an answer, where the split has some, make the empty answer possible (SQuAD v2.0).
    """
    gold = [[str(text) for text in answers["text"]] for answers in examples["answers"]]
    return Answers(gold, answers_of(examples, tokens, logits, null_answers=has_null_answers(gold)))


def answers_of(
    examples: datasets.Dataset, tokens: datasets.Dataset, logits: Sequence[numpy.ndarray], *, null_answers: bool
) -> list[str]:
    """The text of the best span for each example; '' where no span is possible.

    With `null_answers`, also '' where the first token ([CLS]) scores higher than every span: its score is the least
    over the example's windows, since each window may lack the answer.
    """
    best: list[Span | None] = [None] * len(examples)
    null = [float("inf")] * len(examples)
    columns = (tokens["example"], tokens["piece_start"], tokens["piece_end"])
    for window, example, starts, ends in zip(logits, *columns, strict=True):
        null[example] = min(null[example], float(window[0].sum()))
        span = best_span(window, numpy.asarray(starts), numpy.asarray(ends))
        found = best[example]
        if span and (found is None or span.score > found.score):
            best[example] = span
    return [
        "" if span is None or (null_answers and nothing > span.score) else context[span.start : span.end]
        for span, nothing, context in zip(best, null, examples["context"], strict=True)
    ]


def best_span(logits: numpy.ndarray, starts: numpy.ndarray, ends: numpy.ndarray) -> Span | None:
    """The span of the context with the highest score among the n best starts and ends; None where there is none.

    `logits`: (tokens, 2). `starts`, `ends`: the characters of each token, -1 outside the context.
    """
    inside = numpy.flatnonzero(starts != _NOWHERE)
    first, last = (inside[numpy.argsort(-logits[inside, side], kind="stable")[:_N_BEST]] for side in (0, 1))
    lengths = last[None, :] - first[:, None] + 1
    scores = numpy.where(
        (lengths > 0) & (lengths <= _LONGEST_ANSWER), logits[first, 0][:, None] + logits[last, 1][None, :], -numpy.inf
    )
    if not scores.size or not numpy.isfinite(scores.max()):
        return None
    row, column = numpy.unravel_index(int(scores.argmax()), scores.shape)
    return Span(float(scores[row, column]), int(starts[first[row]]), int(ends[last[column]]))


def _windows(split: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, max_length: int) -> dict[str, list[Any]]:
    """Question and context as windows of at most `max_length` pieces that overlap by up to a third of that."""
    questions = _cut([text.strip() for text in split["question"]], tokenizer, min(_LONGEST_QUESTION, max_length // 4))
    encoded: BatchEncoding = tokenizer(
        questions,
        list(split["context"]),
        truncation="only_second",
        max_length=max_length,
        stride=min(_STRIDE, max_length // 3),
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    offsets, examples = encoded.pop("offset_mapping"), encoded.pop("overflow_to_sample_mapping")
    inside = [[part == 1 for part in encoded.sequence_ids(row)] for row in range(len(examples))]
    return {
        **{name: list(values) for name, values in encoded.items()},
        "example": list(examples),
        "piece_start": [_characters(row, context, 0) for row, context in zip(offsets, inside, strict=True)],
        "piece_end": [_characters(row, context, 1) for row, context in zip(offsets, inside, strict=True)],
    }


def _characters(offsets: Sequence[tuple[int, int]], inside: Sequence[bool], side: int) -> list[int]:
    return [offset[side] if context else _NOWHERE for offset, context in zip(offsets, inside, strict=True)]


def _cut(texts: list[str], tokenizer: PreTrainedTokenizerBase, pieces: int) -> list[str]:
    """Texts without what exceeds `pieces` pieces: a question must leave room for its context."""
    offsets = tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True, truncation=False)[
        "offset_mapping"
    ]
    return [text[: row[pieces - 1][1]] if len(row) > pieces else text for text, row in zip(texts, offsets, strict=True)]


def _answer_tokens(answers: Mapping[str, Any], starts: Sequence[int], ends: Sequence[int]) -> tuple[int, int]:
    """First and last token of the first answer; (0, 0) where the window does not hold all of it."""
    if not answers["text"]:
        return 0, 0
    begin = int(answers["answer_start"][0])
    end = begin + len(answers["text"][0])
    covering = [i for i, (s, e) in enumerate(zip(starts, ends, strict=True)) if s != _NOWHERE and s < end and e > begin]
    if not covering or starts[covering[0]] > begin or ends[covering[-1]] < end:
        return 0, 0
    return covering[0], covering[-1]
