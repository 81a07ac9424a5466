"""Which tables a report has: each a function from the labelled measurements (see `view.labelled`) to a `Table`."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from benchbench.quantities import QUANTITIES
from benchbench.report.tables import glue
from benchbench.report.tables.table import Column, Drawn, Table, numbers, table, whole, words
from benchbench.report.view import (
    METRICS,
    ORIGIN_TITLES,
    Estimate,
    Key,
    Shape,
    against_largest,
    all_models,
    at,
    distinct,
    estimates,
    keys,
    ordered,
    origins,
    overall,
    shapes,
)
from benchbench.report.warnings import counted


def summary(view: pd.DataFrame) -> Table:
    """One row a model: its size, its work, its fastest target at batch 1, its cost there, its scores."""
    models = all_models(view)
    shape = headline_shape(view)
    columns: list[Drawn] = [words("Model", models)]
    for quantity in ("parameters", "flops"):
        found = _one_per_model(
            view if quantity == "parameters" or shape is None else _counted_at(view, shape), quantity
        )
        columns.append(numbers(quantity, [found.get(model) for model in models]))
    notes: list[str] = []
    if shape is not None:
        columns += _fastest(at(view, shape), models)
        notes.append(f"Speed, memory and energy at {shape}, on each model's own fastest target.")
    for origin in origins(view):
        tasks, score = overall(view, origin)
        title = f"Score, {origin}"
        columns.append(numbers("glue_score", [score.get(model) for model in models], title))
        notes.append(f"{title}: mean over {counted(len(tasks), 'task')} ({', '.join(tasks)}), 0 to 1.")
    return table("summary", "At a glance", columns, notes)


def _fastest(rows: pd.DataFrame, models: list[str]) -> list[Drawn]:
    best = fastest_targets(rows)
    where = [best.get(model, "") for model in models]
    drawn = [words("Fastest target", where)]
    for quantity in ("latency_p50", "latency_p99", "peak_memory", "energy_per_example"):
        found = estimates(rows, quantity, ("who", "where"))
        drawn.append(numbers(quantity, [found.get(pair) for pair in zip(models, where, strict=True)]))
    return drawn


def fastest_targets(rows: pd.DataFrame) -> dict[str, str]:
    """For each model the target with the lowest median latency among `rows`."""
    best: dict[str, tuple[float, str]] = {}
    for (who, where), value in estimates(rows, "latency_p50", ("who", "where")).items():
        candidate = (value.value, str(where))
        best[str(who)] = min(best.get(str(who), candidate), candidate)
    return {who: where for who, (_, where) in best.items()}


def headline_shape(view: pd.DataFrame) -> Shape | None:
    """Batch 1 and 128 tokens, or what comes nearest among what was measured."""
    return next(iter(shapes(view)), None)


def size(view: pd.DataFrame) -> Table:
    """Parameters, weights, FLOPs: exact counts."""
    models = [m for m in all_models(view) if m in _one_per_model(view, "parameters")]
    shape = headline_shape(view)
    rows = view if shape is None else _counted_at(view, shape)
    columns = [words("Model", models)]
    for quantity in ("parameters", "weight_bytes", "flops", "flops_other"):
        found = _one_per_model(rows if quantity.startswith("flops") else view, quantity)
        columns.append(numbers(quantity, [found.get(model) for model in models]))
    note = "FLOPs: matrix work (linear, convolution, attention products); 1 MAC = 2 FLOP; the rest stands apart."
    where = f" For {shape}." if shape else ""
    return table("size", "Size and work", columns, [note + where])


def quality(view: pd.DataFrame, origin: str) -> Table:
    """Models × tasks' metrics, on data of one `origin` only."""
    rows = view[(view["origin"] == origin) & view["quantity"].isin(METRICS) & (view["part"] == "")]
    models = ordered(rows["who"])
    weights = {who: ", ".join(ordered(group["weights"])) for who, group in rows.groupby("who")}
    columns = [words("Model", models), words("Started from", [weights[model] for model in models])]
    for task in ordered(rows["task"]):
        of_task = rows[rows["task"] == task]
        for quantity in METRICS:
            found = estimates(of_task, quantity, ("who",))
            if found:
                title = f"{task}: {QUANTITIES[quantity].title}"
                columns.append(numbers(quantity, [found.get((model,)) for model in models], title))
    for wnli, title in glue.TITLES.items():
        score = glue.glue_scores(rows, wnli=wnli)
        if score:
            columns.append(numbers("glue_score", [score.get(model) for model in models], title))
    seeds = rows["seed"].nunique()
    notes = [f"{counted(seeds, 'seed')}. Higher is better; 1 is perfect."]
    if origin == "synthetic":
        notes.append("Synthetic tasks: generated text in the shape of the real task. Not comparable with real scores.")
    else:
        notes.append("Data: " + ", ".join(ordered(rows["data"])) + ".")
    return table(f"quality-{origin}", f"Quality on {ORIGIN_TITLES[origin]}", columns, notes)


def latency(view: pd.DataFrame, shape: Shape) -> Table:
    """Targets × models: median latency at one shape."""
    return by_target(at(view, shape), "latency_p50", f"latency-{_slug(shape)}", f"Median latency, {shape}")


def by_target(rows: pd.DataFrame, quantity: str, key: str, title: str, notes: tuple[str, ...] = ()) -> Table:
    """Targets × models of one quantity, in one unit throughout; `–` where nothing was measured."""
    found = estimates(rows, quantity, ("where", "who"))
    of_quantity = rows[rows["quantity"] == quantity]
    targets, models = ordered(of_quantity["where"]), ordered(of_quantity["who"])
    everything = [found.get((target, model)) for target in targets for model in models]
    shared, cells = numbers(quantity, everything)
    columns = [words("Target", targets)]
    for index, model in enumerate(models):
        columns.append((Column(model, shared.unit, numeric=True), cells[index :: len(models)]))
    return table(key, title, columns, notes)


def speedup(view: pd.DataFrame) -> Table:
    """How many times faster than the largest model of its group: one row a target and shape."""
    return _speedups(against_largest(view), "speedup", "Speedup")


def speedup_pairs(view: pd.DataFrame) -> Table:
    """How many times faster each model is than each other one; empty when `speedup` says it all."""
    rows = view[(view["quantity"] == "speedup") & (view["part"] == "")]
    main = against_largest(view)
    if rows["baseline"].nunique() <= main["baseline"].nunique():
        rows = rows.iloc[:0]
    return _speedups(rows, "speedup-pairs", "Speedup of every model over every other")


def _speedups(rows: pd.DataFrame, key: str, title: str) -> Table:
    subject = ("where", "batch_size", "sequence_length", "baseline")
    order = distinct(rows, subject)
    found = estimates(rows, "speedup", (*subject, "who"))
    models = ordered(rows["who"])
    columns = [
        _names("Target", order, 0),
        *_shape_columns(order),
        _names("Baseline", order, 3),
    ]
    for model in models:
        columns.append(numbers("speedup", [found.get((*key, model)) for key in order], model))
    note = "Baseline's latency divided by the model's, measured in turn in the same processes. Above 1: faster."
    return table(key, title, columns, [note])


def details(view: pd.DataFrame) -> Table:
    """Every latency with its percentiles, throughput, and its distance from the machine's limit."""
    quantities = ("latency_p50", "latency_p90", "latency_p99", "throughput", "latency_floor", "roofline_fraction")
    return _long(view, quantities, "details", "Latency and throughput in full", ())


def memory(view: pd.DataFrame) -> Table:
    """Memory of a fresh process above its own start, by target and shape."""
    quantities = ("weights_memory", "activation_memory", "peak_memory")
    note = "Growth of a fresh process over its own size after imports."
    return _long(view, quantities, "memory", "Memory", (note,))


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
    return _long(view, quantities, "energy", "Energy and emissions of inference", tuple(pd.unique(explained)[:3]))


def grids(view: pd.DataFrame) -> Table:
    """The emissions of the same energy on other grids, clean to dirty."""
    rows = view[(view["quantity"] == "emissions_per_1k") & view["part"].str.contains("g/kWh")]
    order = distinct(rows, ("where", "who", "batch_size", "sequence_length"))
    found = estimates(rows, "emissions_per_1k", ("where", "who", "batch_size", "sequence_length", "part"), part=None)
    columns = [
        _names("Target", order, 0),
        _names("Model", order, 1),
        *(
            numbers("emissions_per_1k", [found.get((*key, grid)) for key in order], str(grid))
            for (grid,) in distinct(rows, ("part",))
        ),
    ]
    return table("grids", "Emissions per 1000 examples on other grids", columns, ["The same energy, other countries."])


def _long(view: pd.DataFrame, quantities: tuple[str, ...], key: str, title: str, notes: tuple[str, ...]) -> Table:
    """One row a target, model and shape; one column a quantity."""
    rows = view[view["quantity"].isin(quantities) & (view["part"] == "") & (view["where"] != "")]
    subject = ("where", "who", "batch_size", "sequence_length")
    order = distinct(rows, subject)
    columns = [
        _names("Target", order, 0),
        _names("Model", order, 1),
        whole("Batch", [k[2] for k in order]),
        whole("Tokens", [k[3] for k in order]),
    ]
    for quantity in quantities:
        found = estimates(rows, quantity, subject)
        columns.append(numbers(quantity, [found.get(key) for key in order]))
    return table(key, title, columns, notes)


def layers(view: pd.DataFrame) -> Table:
    """Where the FLOPs and the time go, by type of layer."""
    rows = view[view["quantity"].isin(("flops_share", "latency_share")) & (view["part"] != "")]
    order = distinct(rows, ("who", "where", "part"))
    columns = [_names(title, order, i) for i, title in enumerate(("Model", "Target", "Layer type"))]
    for quantity in ("flops_share", "latency_share"):
        found = estimates(rows, quantity, ("who", "where", "part"), part=None)
        columns.append(numbers(quantity, [found.get(key) for key in order]))
    return table("layers", "Where the work and the time go", columns)


def training(view: pd.DataFrame) -> Table:
    """What fine-tuning cost: one row a model and task."""
    quantities = ("train_time", "train_throughput", "train_energy", "train_emissions", "train_padding_waste")
    rows = view[view["quantity"].isin(quantities) & (view["part"] == "")]
    order = distinct(rows, ("who", "task"))
    columns = [_names("Model", order, 0), _names("Task", order, 1)]
    for quantity in quantities:
        found = estimates(rows, quantity, ("who", "task"))
        columns.append(numbers(quantity, [found.get(key) for key in order]))
    return table("training", "Cost of fine-tuning", columns)


def absences(missing: pd.DataFrame) -> Table:
    """What could not be measured, with the reason; equal reasons of one target together."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for target, part, scenario, reason, model, task in keys(
        missing, ("target", "part", "scenario", "reason", "model", "task")
    ):
        subject = " on ".join(str(name) for name in (model, task) if name)
        what = _absent_part(str(part or ""), str(scenario or ""))
        grouped.setdefault((str(target or ""), what, str(reason)), []).append(subject)
    subjects = [", ".join(dict.fromkeys(name for name in names if name)) for names in grouped.values()]
    columns = [
        words("Target", [target for target, _, _ in grouped]),
        words("Models, tasks", subjects),
        words("What", [what for _, what, _ in grouped]),
        words("Why", [reason for _, _, reason in grouped]),
    ]
    return table("absent", "Not measured", columns)


def _absent_part(part: str, scenario: str) -> str:
    """The part of a subject that is absent, in words; everything where neither part nor scenario narrows it."""
    named = QUANTITIES[part].title if part in QUANTITIES else part
    return ", ".join(name for name in (named, f"{scenario} scenario" if scenario else "") if name) or "everything"


def _one_per_model(view: pd.DataFrame, quantity: str) -> dict[str, Estimate]:
    """A property of the model itself: the first value found (a model's parameters are the same on every target)."""
    rows = view[(view["quantity"] == quantity) & (view["part"] == "")].drop_duplicates("who")
    return {str(who): value for (who,), value in estimates(rows, quantity, ("who",)).items()}


def _counted_at(view: pd.DataFrame, shape: Shape) -> pd.DataFrame:
    """Rows at `shape`, or without a shape; all rows when that leaves nothing."""
    rows = view[view["batch_size"].isna() | (view["batch_size"] == shape.batch_size).fillna(False).astype(bool)]
    same = (rows["sequence_length"] == shape.sequence_length).fillna(False).astype(bool)
    rows = rows[rows["sequence_length"].isna() | same]
    return rows if len(rows) else view


def _names(title: str, order: Sequence[Key], position: int) -> Drawn:
    return words(title, [str(key[position] or "") for key in order])


def _shape_columns(order: Sequence[Key]) -> list[Drawn]:
    return [whole("Batch", [key[1] for key in order]), whole("Tokens", [key[2] for key in order])]


def _slug(shape: Shape) -> str:
    return f"b{shape.batch_size}-s{shape.sequence_length}"
