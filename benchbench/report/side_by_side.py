"""Two models, targets, recipes or weights of one run side by side, on the same examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy.stats import false_discovery_control

from benchbench.records import Subject
from benchbench.report.evaluations.evaluation import evaluated
from benchbench.report.evaluations.paired_changes import FP32, Pair, PairedChange, changed, within_run
from benchbench.runs.folder import Run

SIGNIFICANCE = 0.05


@dataclass(frozen=True, slots=True)
class Contrast:
    """One metric of what the two sides share. `significant`: more than chance, all contrasts taken together."""

    what: str
    change: PairedChange
    significant: bool


@dataclass(frozen=True, slots=True)
class SideBySide:
    """`pairs`: what was compared, by name, for a look at its examples."""

    before: str
    after: str
    contrasts: tuple[Contrast, ...]
    pairs: Mapping[str, Pair]

    def as_json(self) -> dict[str, Any]:
        """Plain data, for `--json`."""
        contrasts = [asdict(contrast) for contrast in self.contrasts]
        return {"before": self.before, "after": self.after, "contrasts": contrasts}


def side_by_side(run: Run, before: str, after: str) -> SideBySide:
    """All scores in which `before` and `after` can be compared. Raises `InputError`, see `within_run`."""
    pairs = {_words(subject, pair): pair for subject, pair in within_run(evaluated(run), before, after).items()}
    changes = [(what, changed(pair, metric)) for what, pair in pairs.items() for metric in pair.before.marking.metrics]
    adjusted = adjust([change.p_value for _, change in changes])
    contrasts = tuple(
        Contrast(what, change, p <= SIGNIFICANCE) for (what, change), p in zip(changes, adjusted, strict=True)
    )
    return SideBySide(before, after, contrasts, pairs)


def adjust(p_values: Sequence[float]) -> list[float]:
    """By Benjamini and Hochberg (1995): of those at most 0.05 no more than 5 % are chance."""
    return [float(p) for p in false_discovery_control(p_values)] if p_values else []


def _words(shared: Subject, pair: Pair) -> str:
    """What the two sides have in common."""
    model, there = pair.before.subject.model == pair.after.subject.model, shared.target or FP32
    targets = pair.before.subject.target == pair.after.subject.target
    parts = (
        shared.model if model else "",
        f"{shared.task} ({shared.split})" if shared.split else shared.task,
        shared.data,
        shared.recipe,
        f"on {there}" if targets else "",
    )
    return ", ".join(part for part in parts if part)
