"""What could not be measured."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchbench.quantities import QUANTITIES
from benchbench.records import BUT_HAS
from benchbench.report.tables.table import Table, table, words
from benchbench.report.view import Shape, keys


def absences(missing: pd.DataFrame) -> Table:
    """What could not be measured, with the reason; equal reasons of one target together."""
    grouped: dict[tuple[str, str, str], dict[str, list[str]]] = {}
    asked = (
        "target",
        "quantity",
        "scenario",
        "lengths",
        "instances",
        "reason",
        "model",
        "task",
        "batch_size",
        "sequence_length",
    )
    for target, quantity, scenario, lengths, instances, said, model, task, *shape in keys(missing, asked):
        needed, _, had = str(said).partition(BUT_HAS)
        reason = f"{needed} queries" if had else needed  # how many it had stands where the percentile would be
        subject = " on ".join(str(name) for name in (model, task) if name)
        what = _what(str(quantity or ""), str(scenario or ""), str(lengths or ""), str(instances or ""))
        shapes = grouped.setdefault((str(target or ""), what, reason), {}).setdefault(subject, [])
        shapes += [_shape(*shape)] if None not in shape else []
    subjects = [", ".join(_at(name, shapes) for name, shapes in names.items() if name) for names in grouped.values()]
    columns = [
        words("Target", [target for target, _, _ in grouped]),
        words("Models, tasks", subjects),
        words("What", [what for _, what, _ in grouped]),
        words("Why", [reason for _, _, reason in grouped]),
    ]
    return table("absent", "Not measured", columns)


def _at(name: str, shapes: list[str]) -> str:
    return f"{name} ({'; '.join(dict.fromkeys(shapes))})" if shapes else name


def _shape(batch_size: Any, sequence_length: Any) -> str:
    return str(Shape(batch_size, sequence_length))


def _what(quantity: str, scenario: str, lengths: str, instances: str) -> str:
    """What is absent, in words; everything where nothing narrows it."""
    words_ = (
        QUANTITIES[quantity].title if quantity else "",
        f"{scenario} scenario" if scenario and not instances else "",
        f"instances {instances}" if instances else "",
        f"{lengths} lengths" if lengths else "",
    )
    return ", ".join(word for word in words_ if word) or "everything"
