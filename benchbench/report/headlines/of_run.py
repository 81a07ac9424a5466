"""The answer that a report begins with: a few sentences, chosen by rules that are the same for every run.

1. The suite's first model against the largest that it was timed with, on the fastest target of each; alone, its median.
2. The same model against itself on another target, where a suite asks for that.
3. Where others are faster than it: each where it is farthest ahead, two at most.
4. Whether several processes fill the machine better than one, where a suite asks: two models at most.
5. How fast it was fine-tuned by each recipe, where a suite compares several.
6. Quality: on real data from trained weights, or that it is not known.
7. On which real tasks no encoder is shown to be better than a model without one, where a suite has such a model.
8. Of the systems on real data, where its first is fastest.
9. What is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import pandas as pd

from benchbench.report.claims.judging import Verdict, VerdictKind
from benchbench.report.evaluations.evaluation import Evaluated
from benchbench.report.headlines import fillings, qualities, speeds, without_encoder
from benchbench.report.headlines.deployments import fastest_systems
from benchbench.report.headlines.wording import AT, Comparison, Headline, value_words
from benchbench.report.view import REAL, estimates
from benchbench.report.warnings import counted, listed, unavailable_targets
from benchbench.runs.folder import Run

_MOST_RIVALS = 2
_MOST_FILLINGS = 2
_OPEN = (VerdictKind.NOT_MEASURABLE, VerdictKind.UNDECIDED)


@dataclass(frozen=True)
class Reached:
    """A run with its measurements of models and of systems, its answers and the verdicts on claims."""

    run: Run
    view: pd.DataFrame
    deployed: pd.DataFrame
    answers: Evaluated
    verdicts: Sequence[Verdict]


def headlines(found: Reached) -> tuple[Headline, ...]:
    """The sentences in the order of the rules above; a rule that has nothing to say is left out."""
    timed = speeds.comparisons(found.view)
    subject = speeds.subject_of(found.view)
    return (
        *_against_baseline(found.view, subject, timed),
        *_against_itself(subject, timed),
        *_where_it_loses(subject, timed),
        *_fillings(found.view),
        *_recipes(found.view),
        *qualities.headlines(found.view, found.answers),
        *without_encoder.headlines(found.view, found.answers),
        *_as_a_system(found.deployed),
        *_unknown(found),
    )


def _against_baseline(view: pd.DataFrame, subject: str, timed: Sequence[Comparison]) -> Iterator[Headline]:
    medians = speeds.medians(view, subject)
    baseline = speeds.baseline_of(subject, timed, view)
    if AT in baseline:  # itself elsewhere: the next rule's
        baseline = ""
    pairs = {one.place: one for one in speeds.of_pair(subject, baseline, timed)}
    own = next((pairs[place] for place in medians if place in pairs), next(iter(pairs.values()), None))
    if own is None:
        yield from _alone(subject, view)
        return
    its = next((pairs[place] for place in speeds.medians(view, baseline) if place in pairs), own)
    fastest = f", where {subject} is fastest" if len(pairs) > 1 else ""
    other = f"; on {its.place.where}, where {baseline} is fastest, {its.times}" if its != own else ""
    yield Headline(f"{own}{fastest}{other}{_undecided(its) if its != own else ''}", "table-speedup")


def _undecided(one: Comparison) -> str:
    return ": undecided" if one.undecided else ""


def _alone(subject: str, view: pd.DataFrame) -> Iterator[Headline]:
    medians = speeds.medians(view, subject)
    if medians:
        place, value = next(iter(medians.items()))
        of = f", its fastest of {len(medians)} targets" if len(medians) > 1 else ""
        median = f"{subject} takes {value_words('latency_p50', value)} at the median on {place}{of}"
        yield Headline(f"{median}; no other model was timed in turn with it", "table-summary")


def _against_itself(subject: str, timed: Sequence[Comparison]) -> Iterator[Headline]:
    elsewhere = [one for one in timed if one.model == subject and one.baseline.startswith(f"{subject}{AT}")]
    if elsewhere:
        yield Headline(str(max(elsewhere, key=lambda one: one.ratio.value)), speeds.every_pair(timed))


def _where_it_loses(subject: str, timed: Sequence[Comparison]) -> Iterator[Headline]:
    others = [one for one in timed if one.baseline == subject and one.model != subject]
    if not others:
        return
    leading = list(islice(speeds.ahead(others), _MOST_RIVALS))
    evidence = speeds.every_pair(timed)
    if leading:
        said = [f"{one}{_in_places(faster, places)}" for one, faster, places in leading]
        yield Headline("; ".join(said), evidence)
        return
    unclear = list(dict.fromkeys(one.model for one in others if one.undecided))
    but = f"; undecided against {listed(unclear)}" if unclear else ""
    yield Headline(f"No other model is shown to be faster than {subject}{but}", evidence)


def _in_places(faster: int, places: int) -> str:
    return f", and faster in {faster} of {places} places measured" if places > 1 else ""


def _fillings(view: pd.DataFrame) -> Iterator[Headline]:
    for sentence in islice(fillings.sentences(view), _MOST_FILLINGS):
        yield Headline(sentence, fillings.EVIDENCE)


def _recipes(view: pd.DataFrame) -> Iterator[Headline]:
    by_recipe = estimates(view[view["recipe"].ne("")], "train_throughput", ("model", "task", "recipe"))
    first = next(iter(by_recipe), None)
    if first is None:
        return
    rates = {str(key[2]): value for key, value in by_recipe.items() if key[:2] == first[:2]}
    if len(rates) > 1:
        said = [f"{value_words('train_throughput', value)} by {recipe}" for recipe, value in rates.items()]
        yield Headline(f"{first[0]} is fine-tuned on {first[1]} at {listed(said)}", "table-training")


def _as_a_system(deployed: pd.DataFrame) -> Iterator[Headline]:
    for system in islice(fastest_systems(deployed[deployed["origin"].eq(REAL)]), 1):
        yield Headline(str(system), f"table-systems-{REAL}")


def _unknown(found: Reached) -> Iterator[Headline]:
    run = found.run
    left_open = sum(verdict.kind in _OPEN for verdict in found.verdicts)
    missing = len(run.manifest.cells) - len(run.records)
    absent = tuple(unavailable_targets(run))
    parts = (
        f"{left_open} of {counted(len(found.verdicts), 'claim')}, undecided or not measurable here"
        if left_open
        else "",
        f"what {counted(len(run.failures), 'failed cell')} would have shown" if run.failures else "",
        f"what {counted(missing, 'cell')} without a record would have shown" if missing else "",
        f"anything on {listed(absent)}, not available here" if absent else "",
    )
    if any(parts):
        where = "verdicts" if found.verdicts else ""
        yield Headline(f"Not known from this run: {'; '.join(part for part in parts if part)}", where)
