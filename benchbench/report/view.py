"""What the report reads: the tidy table with names for people, and one estimate for each question."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
from scipy.special import stdtrit

from benchbench.quantities import QUANTITIES, SCORES
from benchbench.quantities.metrics import MISMATCHED
from benchbench.runs.tidy import SUBJECT

SLICES = ("layer", "grid", "lengths", "instances")
"""Columns that name a slice of the whole: a layer, another country's grid, texts as long as they come, several
processes that share the cores.
"""

SYNTHETIC = "synthetic"
REAL = "real"
ORIGIN_TITLES = {REAL: "real data", SYNTHETIC: "synthetic data"}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval, in the unit of its quantity; the interval is None where there is none."""

    value: float
    low: float | None = None
    high: float | None = None
    basis: str = "measured"
    stable: bool = True
    samples: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Shape:
    """A query's shape: examples in a batch, tokens in an example."""

    batch_size: int
    sequence_length: int

    def __str__(self) -> str:
        return f"batch {self.batch_size}, {self.sequence_length} tokens"


def labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """What was measured of models, without what fine-tuned ones did on the targets that they were deployed to.

    As `named`; each evaluation split that is not a task's only one is a quantity or a task of its own.
    """
    table = named(frame)
    table = table[~_deployed(table)].copy()
    _splits_as_columns(table)
    return table


def systems(frame: pd.DataFrame) -> pd.DataFrame:
    """What was measured of fine-tuned models on the targets that they were deployed to, as `named`.

    All rows of one model, its weights, task, recipe, seed and target are of one artefact.
    """
    table = named(frame)
    return table[_deployed(table)]


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with names for people. Words that do not apply are empty, never missing.

    Its columns are also `who` (model, with its weights or recipe where it appears with several), `where` (target, with
    the machine where there are several) and `origin` (synthetic or real data, empty where no task is involved).
    """
    table = frame.copy()
    for column in ("machine", "note", *SUBJECT):
        if table[column].dtype == "Int64":
            continue
        table[column] = table[column].astype("object").where(table[column].notna(), "").astype(str)
    table["who"] = _with_suffix(table, "model", "weights")
    table["who"] = _with_suffix(table, "who", "recipe")
    table["where"] = _with_suffix(table, "target", "machine", across=True)
    table["origin"] = _origins(table)
    return table


def unmeasured(absences: pd.DataFrame, everything: pd.DataFrame) -> pd.DataFrame:
    """`absences` (see `runs.tidy`) with the names that `everything`, which is `named`, has for their subjects."""
    table = absences.copy()
    for column in ("quantity", *SUBJECT):
        if table[column].dtype != "Int64":
            table[column] = table[column].astype("object").where(table[column].notna(), "").astype(str)
    for title, name in (("who", "model"), ("where", "target")):
        known = dict(zip(keys(everything, ("cell", name)), everything[title], strict=True))
        table[title] = [known.get(key, key[1]) for key in keys(table, ("cell", name))]
    table["machine"] = table["cell"].map(dict(zip(everything["cell"], everything["machine"], strict=True)))
    table["origin"] = _origins(table)
    return table


def _origins(table: pd.DataFrame) -> list[str]:
    return [SYNTHETIC if data == SYNTHETIC else REAL if data else "" for data in table["data"]]


def _deployed(table: pd.DataFrame) -> pd.Series:
    return table["study"].eq("quality") & table["target"].ne("")


def _splits_as_columns(table: pd.DataFrame) -> None:
    """A score's evaluation split: MNLI's second becomes a quantity of its own, others join the task."""
    split = table["quantity"].isin(SCORES) & table["split"].ne("")
    if not split.any():
        return
    mismatched = split & table["split"].str.endswith("mismatched") & table["quantity"].eq("accuracy")
    matched = split & table["split"].str.endswith("matched") & ~mismatched
    table.loc[mismatched, "quantity"] = MISMATCHED.name
    others = split & ~mismatched & ~matched
    table.loc[others, "task"] = table.loc[others, "task"] + " (" + table.loc[others, "split"] + ")"
    table.loc[split, "split"] = ""


def _with_suffix(table: pd.DataFrame, name: str, detail: str, across: bool = False) -> list[str]:
    """`name`, followed by `detail` where the name (or, `across`, the whole table) has more than one."""
    named = table[(table[name] != "") & (table[detail] != "")]
    if across:
        ambiguous = set(named[name]) if named[detail].nunique() > 1 else set()
    else:
        counts = named[named["study"] == "quality"].groupby(name)[detail].nunique()
        ambiguous = set(counts[counts > 1].index)
    pairs = zip(table[name], table[detail], strict=True)
    return [f"{n} ({d})" if n in ambiguous and d else n for n, d in pairs]


def ordered(values: pd.Series) -> list[str]:
    """The distinct non-empty values, in order of appearance."""
    return [value for value in pd.unique(values) if value]


def shapes(table: pd.DataFrame) -> list[Shape]:
    """The shapes at which a latency was measured, the headline one (batch 1, 128 tokens if it is there) first."""
    rows = table[table["quantity"].isin(("latency_p50", "latency_mean")) & table["batch_size"].notna()]
    rows = rows[rows["sequence_length"].notna()]
    pairs = rows[["batch_size", "sequence_length"]].drop_duplicates()
    found = [Shape(int(b), int(s)) for b, s in pairs.itertuples(index=False)]
    return sorted(found, key=lambda shape: (shape.batch_size, abs(shape.sequence_length - 128)))


def headline(table: pd.DataFrame) -> Shape | None:
    """Batch 1 and 128 tokens, or what comes nearest among what was measured; None where nothing was."""
    return next(iter(shapes(table)), None)


def at(table: pd.DataFrame, shape: Shape) -> pd.DataFrame:
    """The rows measured at `shape`."""
    same = table["batch_size"].eq(shape.batch_size) & table["sequence_length"].eq(shape.sequence_length)
    return table[same.fillna(False).astype(bool)]


def whole(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that are of no slice."""
    return table[(table[list(SLICES)] == "").all(axis=1)]


Key = tuple[object, ...]
"""The values of the columns that estimates were asked `by`; None where a column does not apply."""


def estimates(table: pd.DataFrame, quantity: str, by: Sequence[str]) -> dict[Key, Estimate]:
    """One estimate of `quantity` for each combination of the columns `by`, in order of appearance.

    Rows of a slice (see `SLICES`) count only where `by` names its column. Several rows of one combination (seeds,
    repeated cells) become their mean with the interval that covers all of theirs, or Student's 95 % interval where
    they have none. One that would go below zero, where no value can, is left out, and the value is unstable.
    """
    rows = _of_slices(table, quantity, by, OBSERVED)
    grouped: dict[Key, list[Estimate]] = {}
    for key, estimate in zip(keys(rows, by), observations(rows), strict=True):
        grouped.setdefault(key, []).append(estimate)
    positive = QUANTITIES[quantity].unit != "1"
    return {key: _possible(joined(group), positive) for key, group in grouped.items()}


def reasons(missing: pd.DataFrame, quantity: str, by: Sequence[str]) -> dict[Key, str]:
    """Why `quantity` is absent, for each combination of the columns `by`: `estimates` of what is `unmeasured`."""
    rows = _of_slices(missing, quantity, by, ("reason",))
    return dict(zip(keys(rows, by), rows["reason"], strict=True))


def _of_slices(table: pd.DataFrame, quantity: str, by: Sequence[str], names: Sequence[str]) -> pd.DataFrame:
    """The rows of `quantity` without those of a slice whose column is not in `by`; of their columns `by` and `names`.

    A report asks for hundreds of these, so that the table is cut once, and to what is read of it.
    """
    wanted = (table["quantity"] == quantity).to_numpy(dtype=bool)
    for column in SLICES:
        if column not in by:
            wanted = wanted & (table[column] == "").to_numpy(dtype=bool)
    return table[list(dict.fromkeys((*by, *names)))].loc[wanted]


def _possible(estimate: Estimate, positive: bool) -> Estimate:
    if positive and estimate.low is not None and estimate.low < 0 < estimate.value:
        return replace(estimate, low=None, high=None, stable=False)
    return estimate


def keys(table: pd.DataFrame, by: Sequence[str]) -> list[Key]:
    """The columns `by` of each row as a tuple, whole numbers as int, missing values as None."""
    columns = [[_known(value) for value in table[name].tolist()] for name in by]
    return list(zip(*columns, strict=True)) if columns else [()] * len(table)


def _known(value: object) -> object:
    return None if value is None or value is pd.NA or value != value else value


def distinct(table: pd.DataFrame, by: Sequence[str]) -> list[Key]:
    """The different keys, in order of appearance."""
    return list(dict.fromkeys(keys(table, by)))


OBSERVED = ("value", "ci_low", "ci_high", "basis", "stable", "samples")
"""The columns of an estimate."""


def observations(rows: pd.DataFrame) -> list[Estimate]:
    """Each row as an estimate of its own."""
    columns = (rows[name].tolist() for name in OBSERVED)
    return [
        Estimate(value, _finite(low), _finite(high), str(basis), bool(stable), int(samples))
        for value, low, high, basis, stable, samples in zip(*columns, strict=True)
    ]


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def joined(parts: Sequence[Estimate]) -> Estimate:
    """Several observations of one thing as one estimate."""
    if len(parts) == 1:
        return parts[0]
    values = [part.value for part in parts]
    lows = [part.low for part in parts if part.low is not None]
    highs = [part.high for part in parts if part.high is not None]
    low, high = (min(lows), max(highs)) if lows and highs else (None, None)
    if low is None and max(values) > min(values):
        low, high = student_interval(values)
    bases = {part.basis for part in parts}
    return Estimate(
        value=math.fsum(values) / len(values),
        low=low,
        high=high,
        basis=bases.pop() if len(bases) == 1 else "mixed",
        stable=all(part.stable for part in parts),
        samples=sum(part.samples for part in parts),
    )


def student_interval(values: Sequence[float]) -> tuple[float, float]:
    """Student's 95 % interval of the mean of at least two values."""
    mean_value, freedom = math.fsum(values) / len(values), len(values) - 1
    reach = float(stdtrit(freedom, 0.975)) * statistics.stdev(values) / math.sqrt(len(values))
    return mean_value - reach, mean_value + reach


def scores(table: pd.DataFrame, origin: str) -> dict[str, dict[str, Estimate]]:
    """The score of each model (`who`) on each task of `origin`: the mean of the task's metrics, as GLUE has it."""
    rows = table[(table["origin"] == origin) & table["quantity"].isin(SCORES)]
    result: dict[str, dict[str, Estimate]] = {}
    for (who, task), group in rows.groupby(["who", "task"], sort=False):
        metrics = [estimates(group, name, ())[()] for name in ordered(group["quantity"])]
        result.setdefault(str(who), {})[str(task)] = mean(metrics)
    return result


def mean(parts: Sequence[Estimate]) -> Estimate:
    """The mean of several estimates; its interval is the mean of theirs (they need not be independent)."""
    lows = [part.low for part in parts if part.low is not None]
    highs = [part.high for part in parts if part.high is not None]
    whole = len(lows) == len(highs) == len(parts)
    return Estimate(
        value=math.fsum(part.value for part in parts) / len(parts),
        low=math.fsum(lows) / len(lows) if whole else None,
        high=math.fsum(highs) / len(highs) if whole else None,
        basis=parts[0].basis,
        stable=all(part.stable for part in parts),
        samples=sum(part.samples for part in parts),
    )


def overall(table: pd.DataFrame, origin: str) -> tuple[tuple[str, ...], dict[str, Estimate]]:
    """The tasks of `origin` that every scored model shares, and each model's mean score over them."""
    by_model = scores(table, origin)
    if not by_model:
        return (), {}
    common = set.intersection(*(set(tasks) for tasks in by_model.values()))
    tasks = tuple(task for task in next(iter(by_model.values())) if task in common)
    if not tasks:
        return (), {}
    return tasks, {who: mean([of[task] for task in tasks]) for who, of in by_model.items()}


def system_scores(deployed: pd.DataFrame, origin: str) -> tuple[tuple[str, ...], dict[tuple[str, str], Estimate]]:
    """The tasks of `origin` that all systems share (see `systems`), and each one's mean score over them.

    Systems by model (`who`) and target (`where`). Of a task's several evaluation splits the first counts.
    """
    rows = deployed[(deployed["origin"] == origin) & deployed["quantity"].isin(SCORES)]
    first = rows.groupby("task")["split"].transform("first") if len(rows) else rows["split"]
    rows = rows[rows["split"] == first]
    by_system: dict[tuple[str, str], dict[str, Estimate]] = {}
    for (who, where, task), group in rows.groupby(["who", "where", "task"], sort=False):
        metrics = [estimates(group, name, ())[()] for name in ordered(group["quantity"])]
        by_system.setdefault((str(who), str(where)), {})[str(task)] = mean(metrics)
    common = [task for task in ordered(rows["task"]) if all(task in of for of in by_system.values())]
    if not common:
        return (), {}
    return tuple(common), {system: mean([of[task] for task in common]) for system, of in by_system.items()}


def origins(table: pd.DataFrame) -> list[str]:
    """Which kinds of data were scored: real first."""
    found = set(table.loc[table["quantity"].isin(SCORES), "origin"])
    return [origin for origin in (REAL, SYNTHETIC) if origin in found]


def all_models(table: pd.DataFrame) -> list[str]:
    """The models (`who`) in the order of the suite, those whose efficiency was measured first."""
    return ordered(pd.concat([table.loc[table["study"] == "efficiency", "who"], table["who"]]))


def against_largest(table: pd.DataFrame) -> pd.DataFrame:
    """The speedups of each model over the largest (by parameters) of the models that it was paired with.

    The largest of a group is its baseline and has no row.
    """
    rows = whole(table[table["quantity"] == "speedup"])
    size = {str(model): value.value for (model,), value in estimates(table, "parameters", ("model",)).items()}
    partners: dict[str, set[str]] = {}
    for model, baseline in distinct(rows, ("model", "baseline")):
        partners.setdefault(str(model), {str(model)}).add(str(baseline))
    largest = {model: max(sorted(group), key=lambda name: size.get(name, 0.0)) for model, group in partners.items()}
    wanted = rows["model"].map(largest)
    return rows[(rows["baseline"] == wanted) & (rows["model"] != wanted)]
