"""Results as the metadata of a Hugging Face model card: `model-index` and `co2_eq_emissions`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import yaml

from benchbench.errors import unknown
from benchbench.quantities import METRICS, QUANTITIES, SCORES
from benchbench.quantities.metrics import MISMATCHED
from benchbench.report.view import SYNTHETIC, estimates, labelled, ordered
from benchbench.report.warnings import machine_words
from benchbench.runs.folder import Run

TASK_TYPES: Mapping[str, str] = dict.fromkeys(("classification", "multi-label", "regression"), "text-classification")
"""The hub's task type, where it is not what a task's kind is called here."""


def model_card(run: Run, model: str) -> str:
    """The front matter (between `---` lines) and a short text for `model`'s card.

    Synthetic data is named as such. Raises `InputError` when the run scored no such model.
    """
    view = labelled(run.measurements)
    scored = ordered(view.loc[view["quantity"].isin(SCORES), "model"])
    if model not in scored:
        raise unknown("scored model", model, scored or ["none in this run"])
    rows = view[view["model"] == model]
    metadata: dict[str, Any] = {
        "library_name": "transformers",
        "model-index": [{"name": model, "results": _results(rows, _kinds(run))}],
    }
    emissions = _emissions(run, rows)
    if emissions:
        metadata["co2_eq_emissions"] = emissions
    front = yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True)
    return f"---\n{front}---\n\nMeasured with benchbench, suite {run.manifest.suite}.\n"


def _kinds(run: Run) -> Mapping[str, str]:
    """The kind of task of each record that trained, by cell."""
    trained = ((record.cell, record.findings.facts.training) for record in run.records)
    return {cell: training.marking.kind for cell, training in trained if training}


def _results(rows: pd.DataFrame, kinds: Mapping[str, str]) -> list[dict[str, Any]]:
    results = []
    for task in ordered(rows["task"]):
        of_task = rows[(rows["task"] == task) & rows["quantity"].isin(SCORES)]
        if of_task.empty:
            continue
        found = {name: estimates(of_task, name, ()).get(()) for name in SCORES}
        metrics = [
            {"type": _hub_name(name), "name": QUANTITIES[name].title, "value": value.value}
            for name, value in found.items()
            if value
        ]
        data = ordered(of_task["data"])[0]
        kind = kinds.get(ordered(of_task["cell"])[0], "classification")
        results.append(
            {"task": {"type": TASK_TYPES.get(kind, kind)}, "dataset": _dataset(task, data), "metrics": metrics}
        )
    return results


def _hub_name(quantity: str) -> str:
    """What the hub calls a score."""
    metric = METRICS.get(quantity)
    if metric is None:
        return "accuracy" if quantity == MISMATCHED.name else quantity
    return metric.hub_name or metric.name


def _dataset(task: str, data: str) -> dict[str, str]:
    """`type` is the hub's id of a data set where the data came from there."""
    if data == SYNTHETIC:
        return {"name": f"{task} (synthetic, generated text)", "type": task}
    source, _, rest = data.partition(":")
    hub_id, _, revision = rest.partition("@")
    described = {"name": task, "type": hub_id if source == "hub" else task, "split": "validation"}
    return {**described, "revision": revision} if source == "hub" and revision else described


def _emissions(run: Run, rows: pd.DataFrame) -> dict[str, Any]:
    """Grams of CO2 equivalent of all the fine-tuning of this model in the run."""
    spent = rows[(rows["quantity"] == "train_emissions")]
    if spent.empty:
        return {}
    basis = " and ".join(ordered(spent["basis"]))
    return {
        "emissions": float(spent["value"].sum()),
        "source": f"codecarbon through benchbench ({basis})",
        "training_type": "fine-tuning",
        "hardware_used": machine_words(run.manifest.machine),
    }
