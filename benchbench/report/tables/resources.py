"""What inference and fine-tuning take: memory, energy, carbon, time."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from benchbench.records import Record
from benchbench.report.tables.table import Table, names, numbers, one_row_each, table
from benchbench.report.view import distinct, estimates


def memory(view: pd.DataFrame) -> Table:
    """Memory of a fresh process above its own start, by target and shape."""
    everywhere = ("weights_memory", "activation_memory", "peak_memory")
    on_device = ("reserved_memory", "driver_memory", "host_memory")
    quantities = everywhere + tuple(quantity for quantity in on_device if quantity in set(view["quantity"]))
    note = (
        "Growth of a fresh process over its own size after imports; on an accelerator what the engine allocates there."
    )
    return one_row_each(view, quantities, "memory", "Memory", (note,))


def energy(view: pd.DataFrame) -> Table:
    """Energy and emissions of inference, with what the number is made of."""
    quantities = (
        "energy_per_example",
        "emissions_per_1k",
        "power",
        "energy_cpu_share",
        "energy_gpu_share",
        "energy_ram_share",
    )
    explained = view.loc[(view["quantity"] == "energy_per_example") & view["note"].ne(""), "note"]
    return one_row_each(
        view, quantities, "energy", "Energy and emissions of inference", tuple(pd.unique(explained)[:3])
    )


def grids(view: pd.DataFrame) -> Table:
    """The emissions of the same energy on other grids, clean to dirty."""
    rows = view[(view["quantity"] == "emissions_per_1k") & view["grid"].ne("")]
    order = distinct(rows, ("where", "who", "batch_size", "sequence_length"))
    found = estimates(rows, "emissions_per_1k", ("where", "who", "batch_size", "sequence_length", "grid"))
    columns = [
        names("Target", order, 0),
        names("Model", order, 1),
        *(
            numbers("emissions_per_1k", [found.get((*key, grid)) for key in order], str(grid))
            for (grid,) in distinct(rows, ("grid",))
        ),
    ]
    return table("grids", "Emissions per 1000 examples on other grids", columns, ["The same energy, other countries."])


def training(view: pd.DataFrame, records: Sequence[Record]) -> Table:
    """What fine-tuning cost: one row a model and task; below them, what made it faster than the usual script."""
    quantities = (
        *("train_time", "train_throughput", "train_energy", "train_emissions", "train_padding_waste"),
        *("train_examples", "truncated_share", "train_loss"),
    )
    rows = view[view["quantity"].isin(quantities)]
    order = distinct(rows[rows["quantity"] == "train_time"], ("who", "task"))
    columns = [names("Model", order, 0), names("Task", order, 1)]
    for quantity in quantities:
        found = estimates(rows, quantity, ("who", "task"))
        columns.append(numbers(quantity, [found.get(key) for key in order]))
    return table("training", "Cost of fine-tuning", columns, _speed_ups(records))


def _speed_ups(records: Sequence[Record]) -> list[str]:
    """A sentence for each set of speed-ups, with the recipes or models that had it."""
    found: dict[tuple[str, ...], list[str]] = {}
    for record in records:
        if (training := record.findings.facts.training) and training.precision is not None:
            who = str(record.parameters.get("recipe") or record.parameters.get("model"))
            those = found.setdefault(training.speed_ups, [])
            those += [who] if who not in those else []
    return [f"Sped up by {', '.join(names)}: {', '.join(who)}." for names, who in found.items() if names]
