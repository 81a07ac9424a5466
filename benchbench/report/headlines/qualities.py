"""What a run says of quality, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from benchbench.errors import InputError
from benchbench.places import RANDOM
from benchbench.quantities import SCORES
from benchbench.quantities.metrics import MEAN_SCORE
from benchbench.report.evaluations.evaluation import Evaluated
from benchbench.report.evaluations.paired_changes import changed, within_run
from benchbench.report.headlines.wording import Headline, value_words
from benchbench.report.view import ORIGIN_TITLES, REAL, SYNTHETIC, Estimate, origins, overall, scores
from benchbench.report.warnings import counted, listed

_MOST_MODELS = 3


def headlines(view: pd.DataFrame, answers: Evaluated) -> Iterator[Headline]:
    """Scores on real data of models that began with trained weights, the first against the second on the same examples;
    where there are none, that nothing is known.
    """
    trained = view[view["weights"].ne(str(RANDOM))]
    if REAL in origins(trained):
        yield Headline(f"{_scored(trained, REAL)}{_paired(trained, answers)}", f"table-quality-{REAL}")
        return
    if not (known := origins(view)):
        yield Headline("Quality was not measured in this run", "")
        return
    origin = known[0]
    why = "random weights" if origin == REAL else "synthetic data"
    if origin == SYNTHETIC and set(view.loc[view["quantity"].isin(SCORES), "weights"]) == {str(RANDOM)}:
        why = "random weights and synthetic data"
    yield Headline(f"Nobody's quality can be compared here: {why}. {_scored(view, origin)}", f"table-quality-{origin}")


def _scored(view: pd.DataFrame, origin: str) -> str:
    """The mean over the tasks that all models share; where they share none, each model's first score."""
    tasks, means = overall(view, origin)
    where = f"On {ORIGIN_TITLES[origin]}"
    if means:
        over = f"{len(tasks)} tasks" if len(tasks) > 1 else tasks[0]
        return f"{where} {_values(means)} ({over})"
    first = {f"{who} on {task}": value for who, of in scores(view, origin).items() for task, value in of.items()}
    return f"{where} {_values(first)}"


def _values(scored: Mapping[str, Estimate]) -> str:
    said = [f"{name} {value_words(MEAN_SCORE.name, value)}" for name, value in scored.items()]
    return f"the score is {listed(said, _MOST_MODELS)}"


def _paired(view: pd.DataFrame, answers: Evaluated) -> str:
    """The first model beside the second, task by task, on the same examples."""
    names = _first_two(view)
    if not names:
        return ""
    subject, other = names
    try:
        pairs = within_run(answers, other, subject)
    except InputError:  # the two answered no examples in common
        return ""
    changes = [changed(pair, pair.after.metric).change for shared, pair in pairs.items() if shared.target is None]
    counts = {
        "above": sum(change.low > 0 for change in changes),
        "below": sum(change.high < 0 for change in changes),
        "undecided": sum(change.low <= 0 <= change.high for change in changes),
    }
    said = [f"{kind} on {number}" for kind, number in counts.items() if number]
    if not said:
        return ""
    of = counted(len(changes), "evaluation")
    return f"; on the same examples {subject} against {other} is {', '.join(said)} of {of}"


def _first_two(view: pd.DataFrame) -> Sequence[str]:
    """Two models, or where there is one its first two recipes; none where there are no two."""
    rows = view[view["quantity"].isin(SCORES) & view["origin"].eq(REAL)]
    for column in ("model", "recipe"):
        names = [name for name in pd.unique(rows[column]) if name]
        if len(names) > 1:
            return names[:2]
    return ()
