"""The examples that one side of a pair answers better than the other, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchbench.places import SYNTHETIC
from benchbench.records import Marking, Subject
from benchbench.report.evaluations.paired_changes import Pair
from benchbench.scoring.flips import flips
from benchbench.tasks import registry

_MOST_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Flipped:
    """`number`: of the example, the first is 1. `text`: empty where the task's data is not at hand."""

    number: int
    text: str
    truth: str
    before: str
    after: str
    gain: float


def flipped(pair: Pair, most: int) -> tuple[Flipped, ...]:
    """The largest gains and losses from one side's first training to the other's, at most `most`."""
    marking = pair.before.marking
    found = flips(marking, pair.before.answers[0], pair.after.answers[0])[:most]
    texts = _texts(pair.before.subject, len(pair.before.answers[0])) if found else ()
    return tuple(
        Flipped(
            number=flip.number + 1,
            text=texts[flip.number] if texts else "",
            truth=_words(marking, flip.truth),
            before=_words(marking, flip.baseline),
            after=_words(marking, flip.candidate),
            gain=flip.gain,
        )
        for flip in found
    )


def _texts(subject: Subject, examples: int) -> Sequence[str]:
    """Those of a synthetic task, which can be made again; none of any other."""
    if subject.data != str(SYNTHETIC) or subject.task is None or subject.task not in registry.TASKS:
        return ()
    from benchbench.tasks import synthetic

    (split,) = synthetic.generate(registry.find(subject.task)).evaluation.values()
    columns = [split[name] for name in ("text", "text_pair", "question", "words") if name in split.column_names]
    texts = [_short(" | ".join(map(_plain, parts))) for parts in zip(*columns, strict=True)]
    return texts if len(texts) == examples else ()


def _plain(part: Any) -> str:
    return part if isinstance(part, str) else " ".join(part)


def _short(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"


def _words(marking: Marking, answer: Any) -> str:
    """An answer, or what is true, as a person says it."""
    if marking.kind == "classification":
        return marking.labels[answer] if marking.labels else str(answer)
    if marking.kind == "multi-label":
        return ", ".join(name for name, there in zip(marking.labels, answer, strict=True) if there) or "none"
    if marking.kind == "regression":
        return f"{answer:.3g}"
    if isinstance(answer, str):
        return answer or "no answer"
    joined = (" " if marking.kind == "token-classification" else " or ").join(map(str, answer))
    return joined or "no answer"
