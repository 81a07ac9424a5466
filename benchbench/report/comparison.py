"""Two runs side by side: what changed, which differences are more than chance, and what got worse."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pandas as pd

from benchbench.quantities import QUANTITIES
from benchbench.quantities.metrics import METRICS
from benchbench.records import Interval, Subject
from benchbench.report.evaluations.evaluation import evaluated
from benchbench.report.evaluations.intervals import CHANGE, over_seeds
from benchbench.report.evaluations.paired_changes import Pair, across_runs, changed
from benchbench.report.side_by_side import SIGNIFICANCE, adjust
from benchbench.report.tables.provenance import software_of
from benchbench.report.view import Estimate, Key, estimates, named
from benchbench.runs.folder import Run
from benchbench.runs.tidy import SUBJECT

COMPARED = (*(name for name in SUBJECT if name != "seed"), "quantity")
"""What two values must share to be compared: all that a subject says, seeds apart, which are joined."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not the same in both runs (a version, the machine, a setting)."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One quantity of one subject in both runs.

    `relative`: after / before − 1; for a score the plain difference. `p_value`: None without two intervals.
    `significant`: more than chance, all comparisons of the two runs taken together. `worse`: in the direction that
    counts as worse for this quantity. `comparable`: False where the machines differ and the quantity depends on them.
    `change`: of a score that both runs have answers for, after minus before on the same examples.
    """

    subject: str
    quantity: str
    unit: str
    before: Estimate
    after: Estimate
    relative: float
    p_value: float | None
    significant: bool
    worse: bool
    comparable: bool
    change: Interval | None = None


@dataclass(frozen=True, slots=True)
class RunComparison:
    """`differences`: the significant ones, regressions first, then by size. `regressions`: significant, worse by more
    than `threshold`, and comparable. `only_before`, `only_after`: subjects that one run lacks. `paired`, `unpaired`:
    how many scores were compared on the same examples, and how many by their intervals. `pairs`: the answers behind the
    former, by subject in words."""

    changes: tuple[Change, ...]
    differences: tuple[Difference, ...]
    regressions: tuple[Difference, ...]
    compared: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    same_machine: bool
    threshold: float
    paired: int = 0
    unpaired: int = 0
    pairs: Mapping[str, Pair] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain data, for `--json`. A change from nothing has no relative size: null."""
        plain = asdict(replace(self, pairs={}))
        del plain["pairs"]
        for difference in (*plain["differences"], *plain["regressions"]):
            if not math.isfinite(difference["relative"]):
                difference["relative"] = None
        return plain


def compare(before: Run, after: Run, threshold: float = 0.05, across_machines: bool = False) -> RunComparison:
    """Compare two runs. A regression is worse by more than `threshold` (relative; for scores absolute).

    Two machines' times, memory and energy are not called a regression unless `across_machines`.
    """
    answers = evaluated(before), evaluated(after)
    views = [named(over_seeds(run.measurements, found)) for run, found in zip((before, after), answers, strict=True)]
    first, second = (_estimates(view) for view in views)
    machines = [set(view["machine"]) - {""} for view in views]
    same_machine = machines[0] == machines[1]
    shared = [key for key in first if key in second]
    pairs = across_runs(*answers)
    raw = [_difference(key, first[key], second[key], same_machine or across_machines, pairs) for key in shared]
    scores = [d for d in raw if d.quantity in METRICS]
    differences = _judge([d for d in raw if d.change]) + _judge([d for d in raw if not d.change])
    regressions = [d for d in differences if d.worse and d.comparable and abs(d.relative) > threshold]
    rest = [d for d in differences if d not in regressions]
    return RunComparison(
        changes=tuple(_changes(before, after)),
        differences=(*_by_size(regressions), *_by_size(rest)),
        regressions=tuple(_by_size(regressions)),
        compared=len(shared),
        only_before=tuple(_subject_words(key) for key in first if key not in second),
        only_after=tuple(_subject_words(key) for key in second if key not in first),
        same_machine=same_machine,
        threshold=threshold,
        paired=sum(d.change is not None for d in scores),
        unpaired=sum(d.change is None for d in scores),
        pairs={_pair_words(subject): pair for subject, pair in pairs.items()},
    )


def _estimates(view: pd.DataFrame) -> dict[Key, Estimate]:
    """An estimate of every quantity of every subject; seeds joined. Changes within a run are not compared again."""
    return {
        (*key[:-1], quantity): value
        for quantity in dict.fromkeys(view.loc[view["quantity"] != CHANGE, "quantity"])
        for key, value in estimates(view, str(quantity), COMPARED).items()
    }


def _difference(
    key: Key, before: Estimate, after: Estimate, comparable: bool, pairs: Mapping[Subject, Pair]
) -> Difference:
    quantity = QUANTITIES[str(key[-1])]
    pair = pairs.get(_subject(key)) if quantity.name in METRICS else None
    paired = changed(pair, quantity.name) if pair else None
    change = after.value - before.value
    if not quantity.score:
        change = change / abs(before.value) if before.value else math.copysign(math.inf, change) if change else 0.0
    worse = change > 0 if quantity.better == "lower" else change < 0 if quantity.better == "higher" else False
    return Difference(
        subject=_subject_words(key),
        quantity=quantity.name,
        unit=quantity.unit,
        before=before,
        after=after,
        relative=change,
        p_value=paired.p_value if paired else p_value(before, after),
        significant=False,
        worse=worse,
        comparable=comparable or not quantity.depends_on_machine,
        change=paired.change if paired else None,
    )


def _subject(key: Key) -> Subject:
    return Subject(**{name: value or None for name, value in zip(COMPARED[:-1], key, strict=False)})  # type: ignore[arg-type]


def _pair_words(subject: Subject) -> str:
    known = {name: getattr(subject, name) for name in COMPARED[:-1]}
    return _subject_words((*known.values(), None))


def p_value(before: Estimate, after: Estimate) -> float | None:
    """How likely a difference this large is by chance, from the two 95 % intervals (normal approximation, two-sided).

    None when one of them has no interval.
    """
    errors = [_standard_error(value) for value in (before, after)]
    if errors[0] is None or errors[1] is None:
        return None
    spread = math.hypot(errors[0], errors[1])
    if spread == 0:
        return 1.0 if before.value == after.value else 0.0
    return math.erfc(abs(after.value - before.value) / spread / math.sqrt(2))


def _standard_error(value: Estimate) -> float | None:
    return None if value.low is None or value.high is None else (value.high - value.low) / 2 / 1.96


def _judge(raw: Sequence[Difference]) -> list[Difference]:
    """Keep the significant ones.

    Of those that are tested and called significant at most 5 % are chance; counts and seeded scores are exact, any
    difference there is real.
    """
    adjusted = iter(adjust([d.p_value for d in raw if d.p_value is not None]))
    return [
        replace(d, significant=True)
        for d in raw
        if (d.p_value is not None and next(adjusted) <= SIGNIFICANCE and d.relative)
        or (d.p_value is None and d.relative and not QUANTITIES[d.quantity].depends_on_machine)
    ]


def _by_size(differences: Iterable[Difference]) -> list[Difference]:
    return sorted(differences, key=lambda d: -abs(d.relative))


def _subject_words(key: Key) -> str:
    """A subject as a phrase: its quantity, then each field that applies."""
    known = {name: value for name, value in zip(COMPARED, key, strict=True) if value not in (None, "")}
    batch, tokens = known.get("batch_size"), known.get("sequence_length")
    shape = [f"batch {batch}" if batch else "", f"{tokens} tokens" if tokens else ""]
    phrases = {
        **known,
        "target": f"on {known.get('target')}",
        "baseline": f"over {known.get('baseline')}",
        "batch_size": " × ".join(part for part in shape if part),
        "weights": f"weights {known.get('weights')}",
        "lengths": f"{known.get('lengths')} lengths",
        "batching": f"batches {known.get('batching')}",
    }
    shown = [str(phrases[name]) for name in known if name not in ("quantity", "sequence_length")]
    return ", ".join([*([QUANTITIES[str(known["quantity"])].title] if "quantity" in known else []), *shown])


def _changes(before: Run, after: Run) -> Iterable[Change]:
    """Suite, settings, machine and versions that differ."""
    first, second = before.manifest, after.manifest
    yield from _changed("suite", first.suite, second.suite)
    yield from _changed("machine_id", first.machine_id, second.machine_id)
    yield from _changed_within("machine", asdict(first.machine), asdict(second.machine))
    yield from _changed_within("settings", first.settings, second.settings)
    sides = [_software(run) for run in (before, after)]
    for name in dict.fromkeys((*sides[0], *sides[1])):
        yield from _changed(name, sides[0].get(name), sides[1].get(name))


def _software(run: Run) -> dict[str, str]:
    return {name: version for record in run.records for name, version in software_of(record).items()}


def _changed_within(what: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterable[Change]:
    for key in dict.fromkeys((*before, *after)):
        yield from _changed(f"{what}.{key}", before.get(key), after.get(key))


def _changed(what: str, before: object, after: object) -> Iterable[Change]:
    if before != after:
        yield Change(what, _short(before), _short(after))


def _short(value: object) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 200 else f"{text[:197]}…"
