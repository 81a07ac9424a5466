"""Where a fine-tuned model is fastest, and what that costs in score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from benchbench.report.headlines.wording import AT, value_words
from benchbench.report.tables.systems import over_weights
from benchbench.report.view import Estimate, distinct, estimates


@dataclass(frozen=True, slots=True)
class FastestSystem:
    """A fine-tuned model on the target with the lowest median on its task's texts, a query of `texts` at a time.

    `faster`: how many times, over the same model on `baseline`; None on that target itself. `change`: of the score,
    from fp32 PyTorch.
    """

    who: str
    task: str
    where: str
    texts: int
    median: Estimate
    baseline: str = ""
    faster: Estimate | None = None
    change: Estimate | None = None

    def __str__(self) -> str:
        query = "a text" if self.texts == 1 else f"for {self.texts} texts"
        said = (
            f"{self.who} on {self.task} is fastest on {self.where}: {value_words('latency_p50', self.median)} {query}"
        )
        if self.faster is not None:
            than = f"on {self.baseline.partition(AT)[2] or self.baseline}"
            said += f", {value_words('speedup', self.faster)} as fast as {than}"
        return said if self.change is None else f"{said}; score change {value_words('score_change', self.change)}"


def fastest_systems(deployed: pd.DataFrame) -> Iterator[FastestSystem]:
    """One for each model and task of `deployed` (see `view.systems`)."""
    deployed = deployed[~over_weights(deployed)]
    timed = deployed[deployed["lengths"].ne("")]
    by = ("who", "task", "where", "lengths", "batch_size")
    medians = estimates(timed, "latency_p50", by)
    speedups = estimates(timed, "speedup", (*by, "baseline"))
    changes = estimates(deployed, "score_change", ("who", "task", "where"))
    for who, task in distinct(timed, ("who", "task")):
        own = {key: value for key, value in medians.items() if key[:2] == (who, task)}
        if not own:
            continue
        best = min(own, key=lambda key: own[key].value)
        over = [(str(key[-1]), ratio) for key, ratio in speedups.items() if key[:-1] == best]
        baseline, faster = over[0] if over else ("", None)
        where, texts = str(best[2]), int(str(best[4]))
        yield FastestSystem(
            str(who), str(task), where, texts, own[best], baseline, faster, changes.get((who, task, where))
        )
