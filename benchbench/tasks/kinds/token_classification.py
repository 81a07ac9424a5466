"""A tag for each word (IOB2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from benchbench.scoring.answers import Answers
from benchbench.scoring.tags import OUTSIDE
from benchbench.tasks.task import Task

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase

NO_LABEL = -100  # the label that PyTorch's cross entropy leaves out
_NO_WORD = -1
_WORD = "water"  # any word will do to try a tokenizer


def tokenise(split: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, max_length: int) -> datasets.Dataset:
    """A word's first piece carries its tag; its other pieces and the special tokens are left out of the loss.

    Words are cut into pieces as within a text: with the space before them, where the tokenizer's pieces know it.
    Sentences of more than `max_length` pieces are cut. Needs a fast tokenizer, which knows the words of its pieces.
    """
    import datasets

    encoded = tokenizer(
        list(map(list, written(split, tokenizer))),
        is_split_into_words=True,
        truncation=True,
        max_length=max_length,
    )
    firsts = [first_pieces(encoded.word_ids(row)) for row in range(len(split))]
    labels = [
        [NO_LABEL if word is None else int(tags[word]) for word in words]
        for words, tags in zip(firsts, split["tags"], strict=True)
    ]
    numbers = [[_NO_WORD if word is None else word for word in words] for words in firsts]
    return datasets.Dataset.from_dict({**encoded, "labels": labels, "first_of_word": numbers})


def written(split: datasets.Dataset, tokenizer: PreTrainedTokenizerBase) -> Sequence[tuple[str, ...]]:
    """See `kinds.Kind.written`: the words."""
    before = _space_before_words(tokenizer)
    return [tuple(f"{before}{word}" for word in words) for words in split["words"]]


def _space_before_words(tokenizer: PreTrainedTokenizerBase) -> str:
    """What has to stand before a word by itself for the pieces that it has within a text: a space, or nothing.

    Byte-level tokenizers (RoBERTa's, GPT-2's, ModernBERT's) have other pieces for a word without its space, and cut
    words given one by one without, unless they are told `add_prefix_space`.
    """

    def by_itself(word: str) -> list[int]:
        given = tokenizer([word], is_split_into_words=True, add_special_tokens=False, truncation=False)
        return list(given["input_ids"])

    def in_text(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=False, truncation=False)["input_ids"])

    second = in_text(f"{_WORD} {_WORD}")[len(in_text(_WORD)) :]
    return " " if second != by_itself(_WORD) and second == by_itself(f" {_WORD}") else ""


def first_pieces(words: Iterable[int | None]) -> list[int | None]:
    """The word of each piece that begins one; None for all other pieces."""
    before: int | None = None
    firsts: list[int | None] = []
    for word in words:
        firsts.append(word if word != before else None)
        before = word
    return firsts


def collator(
    tokenizer: PreTrainedTokenizerBase, pad_to: int | None = None
) -> Callable[[list[dict[str, Any]]], dict[str, Any]]:
    """See `kinds.Kind.collator`."""
    from transformers import DataCollatorForTokenClassification

    return DataCollatorForTokenClassification(
        tokenizer, padding="max_length" if pad_to else True, max_length=pad_to, label_pad_token_id=NO_LABEL
    )


def answers(
    task: Task, examples: datasets.Dataset, tokens: datasets.Dataset, logits: Sequence[numpy.ndarray]
) -> Answers:
    """See `kinds.Kind.answers`; each of `logits`: (tokens, labels).

    A word that was cut off or has no piece counts as predicted O, so that cutting sentences cannot raise the score.
    """
    predicted = [
        predictions(scores, firsts, len(tags), task.labels)
        for scores, firsts, tags in zip(logits, tokens["first_of_word"], examples["tags"], strict=True)
    ]
    gold = [[task.labels[int(tag)] for tag in tags] for tags in examples["tags"]]
    return Answers(gold, predicted)


def predictions(logits: numpy.ndarray, first_of_word: Sequence[int], words: int, names: Sequence[str]) -> list[str]:
    """A tag for each of `words` words, read from its first piece. `logits`: (tokens, labels)."""
    tags = [OUTSIDE] * words
    for word, choice in zip(first_of_word, logits.argmax(axis=-1), strict=True):
        if word != _NO_WORD:
            tags[word] = names[int(choice)]
    return tags
