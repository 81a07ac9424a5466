"""Tables of what a service meets: requests from text to label, texts as long as they come, queries at random, batches
up to a memory limit.
"""

from __future__ import annotations

import pandas as pd

from benchbench.quantities import QUANTITIES
from benchbench.records import MIXED, REALISTIC
from benchbench.report import tails
from benchbench.report.tables.table import Table, numbers, numbers_or_why, table, whole_numbers, words
from benchbench.report.view import all_models, distinct, estimates

_SERVICE = ("server_rate", "largest_batch")
_INSTANCES = (
    "2x1 is two processes with one thread each, on cores of their own; all answer at once, and the throughput is "
    "that of all. queue: one process in which the engine itself works on several requests at once."
)


def realistic(view: pd.DataFrame, missing: pd.DataFrame) -> Table:
    """One row a target, model, task and batch size: latency and throughput on texts, and the padding they cost.

    A percentile for which there are too few queries says how many it takes (`missing`: what is `view.unmeasured`).
    """
    rows = view[view["lengths"] == REALISTIC]
    subject = ("where", "who", "task", "batch_size", "lengths")
    order = distinct(rows, subject)
    columns = [
        words("Target", [str(key[0]) for key in order]),
        words("Model", [str(key[1]) for key in order]),
        words("Texts of", [str(key[2]) for key in order]),
        whole_numbers("Batch", [key[3] for key in order]),
    ]
    for quantity in ("latency_p50", "latency_p90", "latency_p99", "throughput", "padding_waste"):
        columns.append(numbers_or_why(quantity, rows, missing, subject, order))
    note = "Token lengths are those of the task's texts; padding waste is the share of tokens that are padding."
    return table("realistic", "Texts as long as they come", columns, [note])


def requests(view: pd.DataFrame, deployed: pd.DataFrame, missing: pd.DataFrame) -> Table:
    """One row a model on a target that it was deployed to (`deployed`): a request from its text to its label, and what
    a deploy takes before the first answer.
    """
    subject = ("who", "task", "where", "lengths")
    order = distinct(deployed[deployed["quantity"] == "text_latency_p50"], subject)
    whole = [(who, task, where, "") for who, task, where, _ in order]
    cut = estimates(view, "truncated_share", ("who", "task"))
    columns = [
        words("Model", [str(key[0]) for key in order]),
        words("Task", [str(key[1]) for key in order]),
        words("Target", [str(key[2]) for key in order]),
    ]
    percentiles = (f"text_latency_p{each}" for each in (50, 90, 99))
    for quantity in (*percentiles, "tokenisation_share", "tokenisation_energy"):
        columns.append(numbers_or_why(quantity, deployed, missing, subject, order))
    columns.append(numbers("truncated_share", [cut.get(key[:2]) for key in order]))
    for quantity in ("cold_start", "prepare_time", "artefact_bytes"):
        columns.append(numbers_or_why(quantity, deployed, missing, subject, whole))
    notes = [
        "A request is timed from its text to its answer: making tokens and the batch, then the model.",
        "Cold start: from the start of a new process to its first answer, the files in the system's cache already.",
        "Time to prepare: exporting and quantising in a new process. The tokenizer's file is not among the bytes.",
    ]
    return table("requests", "From text to label", columns, notes)


def realistic_speedups(view: pd.DataFrame) -> Table:
    """Paired speedups on texts: one row a target, task, batch size and baseline; one column a model."""
    rows = view[view["lengths"].eq(REALISTIC) & view["quantity"].eq("speedup")]
    subject = ("where", "task", "batch_size", "baseline", "lengths")
    order = distinct(rows, subject)
    found = estimates(rows, "speedup", (*subject, "who"))
    columns = [
        words("Target", [str(key[0]) for key in order]),
        words("Texts of", [str(key[1]) for key in order]),
        whole_numbers("Batch", [key[2] for key in order]),
        words("Baseline", [str(key[3]) for key in order]),
    ]
    present = set(rows["who"])
    for model in (name for name in all_models(view) if name in present):
        columns.append(numbers("speedup", [found.get((*key, model)) for key in order], model))
    return table("realistic-speedup", "Speedup on texts as long as they come", columns)


def mixed_lengths(view: pd.DataFrame) -> Table:
    """One row a target, model and way of making batches: padding, throughput, paired speedups over other ways."""
    rows = view[view["lengths"] == MIXED]
    subject = ("where", "who", "batching", "lengths")
    order = distinct(rows, subject)
    columns = [
        words("Target", [str(key[0]) for key in order]),
        words("Model", [str(key[1]) for key in order]),
        words("Batches", [str(key[2]) for key in order]),
    ]
    for quantity in ("padding_waste", "throughput", "token_throughput"):
        columns.append(numbers_or_why(quantity, rows, None, subject, order))
    found = estimates(rows, "batching_speedup", (*subject, "baseline"))
    for baseline in distinct(rows[rows["quantity"] == "batching_speedup"], ("baseline",)):
        over = [found.get((*key, *baseline)) for key in order]
        columns.append(numbers("batching_speedup", over, f"Speedup over {baseline[0]}"))
    made = distinct(rows[rows["quantity"] == "padding_waste"], ("batching", "note"))
    notes = [f"{batching}: {note}." for batching, note in made]
    return table("mixed-lengths", "Texts of mixed lengths", columns, notes)


def service(view: pd.DataFrame) -> Table:
    """One row a target and model: the rate of random queries it answers in time, the largest batch that fits."""
    rows = view[view["quantity"].isin(_SERVICE)]
    order = distinct(rows, ("where", "who", "sequence_length"))
    columns = [
        words("Target", [str(key[0]) for key in order]),
        words("Model", [str(key[1]) for key in order]),
        whole_numbers("Tokens", [key[2] for key in order]),
    ]
    rates, batches = (estimates(rows, name, ("where", "who", "sequence_length")) for name in _SERVICE)
    columns.append(numbers("server_rate", [rates.get(key) for key in order]))
    largest = [int(batches[key].value) if key in batches else None for key in order]
    columns.append(whole_numbers(QUANTITIES["largest_batch"].title, largest))
    notes = [f"{who} on {where}: {note}." for where, who, note in distinct(rows, ("where", "who", "note"))]
    return table("service", "As a service", columns, notes)


def instances(view: pd.DataFrame, missing: pd.DataFrame) -> Table:
    """One row a target, model, batch size and way to share the cores: what all processes give together.

    `missing`: what is `view.unmeasured`.
    """
    rows = view[view["instances"].ne("")]
    subject = ("where", "who", "batch_size", "sequence_length", "instances")
    order = distinct(rows[rows["batch_size"].notna()], subject)
    systems = list(dict.fromkeys(key[:2] for key in order))
    order.sort(key=lambda key: (systems.index(key[:2]), key[2]))  # the ways of one batch size stand together
    columns = [
        words("Target", [str(key[0]) for key in order]),
        words("Model", [str(key[1]) for key in order]),
        whole_numbers("Batch", [key[2] for key in order]),
        words("Processes x threads", [str(key[4]) for key in order]),
    ]
    tail = tails.highest(rows, subject, order)
    for quantity in ("throughput", "instances_gain", "latency_p50", tail, "energy_per_example"):
        columns.append(numbers_or_why(quantity, rows, missing, subject, order))
    memory = estimates(rows, "instances_memory", ("where", "who", "instances"))
    columns.append(numbers("instances_memory", [memory.get((key[0], key[1], key[4])) for key in order]))
    return table("instances", "Processes that share the cores", columns, [_INSTANCES, *_failed(missing)])


def _failed(missing: pd.DataFrame) -> list[str]:
    """The ways to share the cores that have no row, and why."""
    rows = missing[missing["instances"].ne("") & missing["quantity"].eq("")]
    found = distinct(rows, ("who", "where", "instances", "reason"))
    return [f"{who} on {where}, {instances}: {reason}." for who, where, instances, reason in found]
