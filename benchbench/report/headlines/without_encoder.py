"""Whether a model without an encoder would do: each of them against every encoder, on the same real examples."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from benchbench.errors import InputError
from benchbench.places import RANDOM
from benchbench.quantities import SCORES
from benchbench.records import FITTED, Interval
from benchbench.report.evaluations.evaluation import Evaluated
from benchbench.report.evaluations.paired_changes import changed, within_run
from benchbench.report.headlines.wording import Headline
from benchbench.report.view import REAL
from benchbench.report.warnings import listed


def headlines(view: pd.DataFrame, answers: Evaluated) -> Iterator[Headline]:
    """On which tasks no encoder is shown to be better than a fitted linear model, and how far the best is elsewhere."""
    scored = view[view["quantity"].isin(SCORES) & view["origin"].eq(REAL) & view["weights"].ne(str(RANDOM))]
    encoders = [str(name) for name in pd.unique(scored.loc[scored["weights"].ne(FITTED), "model"])]
    for linear in pd.unique(scored.loc[scored["weights"].eq(FITTED), "model"]):
        ahead = _ahead(str(linear), encoders, answers)
        if not ahead:
            continue
        enough = [task for task, best in ahead.items() if best is None]
        worse = [f"{best[0]} by {best[1].value:.3f} on {task}" for task, best in ahead.items() if best is not None]
        said = [f"no encoder is shown to be better on {listed(enough)}"] if enough else []
        said += [f"the best encoder is better: {listed(worse)}"] if worse else []
        yield Headline(f"Without an encoder, by {linear}: {'; '.join(said)}", f"table-quality-{REAL}")


def _ahead(linear: str, encoders: list[str], answers: Evaluated) -> dict[str, tuple[str, Interval] | None]:
    """By task: the encoder that is farthest ahead of `linear`, where 95 % intervals show that one is; else None."""
    found: dict[str, tuple[str, Interval] | None] = {}
    for encoder in encoders:
        try:
            pairs = within_run(answers, linear, encoder)
        except InputError:  # no examples in common
            continue
        for shared, pair in pairs.items():
            if shared.target is not None:
                continue
            task, change = str(shared.task), changed(pair, pair.after.metric).change
            before = found.setdefault(task, None)
            if change.low > 0 and (before is None or change.value > before[1].value):
                found[task] = (encoder, change)
    return found
