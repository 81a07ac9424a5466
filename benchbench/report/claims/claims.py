"""Claims as hypotheses: what is said, what a run would have to show, and the verdict on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from benchbench import yaml_files
from benchbench.places import LOCAL
from benchbench.quantities import QUANTITIES, SCORES, Quantity
from benchbench.quantities.metrics import MEAN_SCORE
from benchbench.report.view import Estimate, Key, estimates, mean

Convolutions = Literal["depthwise", "grouped_pointwise", "dense_pointwise", "other"]
Comparison = Literal["below", "above", "ratio_below", "ratio_above", "difference_below", "difference_above"]


class VerdictKind(StrEnum):
    SUPPORTED = "supported"
    NOT_SUPPORTED = "not supported"
    MIXED = "mixed across targets"
    NOT_MEASURABLE = "not measurable here"


class Pair(BaseModel):
    """A model, and the model that it is compared with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: str = Field(min_length=1)
    baseline: str | None = None


class Claim(Pair):
    """A statement that a run can support or not.

    `quantity`: a name of `benchbench.quantities.QUANTITIES`; 'score' is the mean of a task's metrics.
    `convolutions`: instead of a quantity, the kind of convolutions that are counted in the candidate.
    `comparison`: of the candidate's value, its ratio to the baseline's or its difference from the baseline's, with
    `threshold`. `where`: only rows whose column has one of these values. `data`: only 'real', 'local' (a folder or
    file of one's own) or 'synthetic' data. `stand_in`: a smaller pair whose evidence is shown, but decides nothing,
    where the pair itself was not measured. `reading`: a sentence that helps to read the evidence.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    statement: str = Field(min_length=1)
    quantity: str | None = None
    convolutions: Convolutions | None = None
    comparison: Comparison
    threshold: float = Field(allow_inf_nan=False)
    where: Mapping[str, tuple[str | int, ...]] = {}
    data: Literal["real", "local", "synthetic"] | None = None
    stand_in: Pair | None = None
    source: str = ""
    reading: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Claim:
        if (self.quantity is None) == (self.convolutions is None):
            raise ValueError("give either a quantity or convolutions")
        if self.quantity is not None and self.quantity not in QUANTITIES:
            raise ValueError(f"unknown quantity {self.quantity!r}")
        if self.comparison.startswith(("ratio", "difference")) and self.baseline is None:
            raise ValueError(f"{self.comparison} needs a baseline")
        if unknown := set(self.where) - _CONDITIONS:
            raise ValueError(f"where: unknown {sorted(unknown)}; known: {', '.join(sorted(_CONDITIONS))}")
        return self


_CONDITIONS = frozenset({"task", "target", "scenario", "batch_size", "sequence_length", "machine"})
_CLAIMS = TypeAdapter(tuple[Claim, ...])
_SHAPE = "claims are a list; each begins with '- id: …'"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was compared, where, and whether it is on the claimed side of the threshold, whole interval included."""

    place: str
    estimate: Estimate
    holds: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """`stand_in`: evidence of the stand-in pair, shown only; it never decides."""

    claim: Claim
    kind: VerdictKind
    evidence: tuple[Evidence, ...]
    stand_in: tuple[Evidence, ...] = ()


def shipped() -> tuple[Claim, ...]:
    """The claims that come with the package."""
    return read(Path(str(files("benchbench.report.claims") / "claims.yaml")))


def read(path: Path) -> tuple[Claim, ...]:
    """Claims of one's own, from a YAML file. Raises `InputError` that names the file and the line."""
    return yaml_files.read(path, _CLAIMS, _SHAPE)


def parse(text: str, where: str) -> tuple[Claim, ...]:
    """The claims in YAML `text`. Raises `InputError` that names `where` and the line."""
    return yaml_files.parse(text, where, _CLAIMS, _SHAPE)


Counts = Mapping[str, Mapping[str, int]]
"""How many convolutions of each kind a model has, by model (`records.Facts.convolutions`)."""


def evaluate(claim: Claim, view: pd.DataFrame, convolutions: Counts = MappingProxyType({})) -> Verdict:
    """The verdict on `claim` from labelled measurements (see `view.labelled`) and the models' `convolutions`.

    Supported: on the claimed side, with the whole interval, wherever it was measured. Not supported: nowhere.
    Mixed: in some places. Not measurable here: no evidence at all.
    """
    evidence = _evidence(claim, claim, view, convolutions, claim.data)
    if not evidence:
        substitute = _evidence(claim, claim.stand_in, view, convolutions, None) if claim.stand_in else ()
        return Verdict(claim, VerdictKind.NOT_MEASURABLE, (), substitute)
    holding = sum(item.holds for item in evidence)
    if holding == len(evidence):
        return Verdict(claim, VerdictKind.SUPPORTED, evidence)
    return Verdict(claim, VerdictKind.MIXED if holding else VerdictKind.NOT_SUPPORTED, evidence)


def _evidence(
    claim: Claim, pair: Pair, view: pd.DataFrame, convolutions: Counts, data: str | None
) -> tuple[Evidence, ...]:
    found = _of_convolutions(claim, pair, convolutions) if claim.convolutions else _of_quantity(claim, pair, view, data)
    return tuple(Evidence(place, value, _holds(claim, value)) for place, value in found.items())


def _of_convolutions(claim: Claim, pair: Pair, convolutions: Counts) -> dict[str, Estimate]:
    """A count about the model, the same everywhere. The counts of the other kinds tell the rest."""
    known = convolutions.get(pair.candidate)
    if known is None or claim.convolutions is None:
        return {}
    rest = ", ".join(f"{kind.replace('_', ' ')}: {count}" for kind, count in known.items())
    return {rest: Estimate(float(known.get(claim.convolutions, 0)), basis="counted")}


def _of_quantity(claim: Claim, pair: Pair, view: pd.DataFrame, data: str | None) -> dict[str, Estimate]:
    quantity = claim.quantity or ""
    rows = view[_conditions(view, claim.where) & _of_data(view, data)]
    by = _places(QUANTITIES[quantity])
    candidate = _values(rows[rows["model"] == pair.candidate], quantity, by, pair.baseline)
    if not claim.comparison.startswith(("ratio", "difference")):
        return {_place(by, key): value for key, value in candidate.items()}
    baseline = _values(rows[rows["model"] == pair.baseline], quantity, by, None)
    combine = ratio if claim.comparison.startswith("ratio") else difference
    return {_place(by, key): combine(value, baseline[key]) for key, value in candidate.items() if key in baseline}


def _places(quantity: Quantity) -> tuple[str, ...]:
    """The columns in which values of one model may differ, by what the quantity depends on."""
    if quantity.depends_on_machine or "task" in quantity.depends_on:
        return ("where", "batch_size", "sequence_length", "task")
    return ("batch_size", "sequence_length") if "shape" in quantity.depends_on else ()


def _values(rows: pd.DataFrame, quantity: str, by: Sequence[str], baseline: str | None) -> dict[Key, Estimate]:
    if quantity == MEAN_SCORE.name:
        metrics = [estimates(rows, name, by) for name in SCORES]
        keys = dict.fromkeys(key for metric in metrics for key in metric)
        return {key: mean([metric[key] for metric in metrics if key in metric]) for key in keys}
    if quantity == "speedup" and baseline:
        rows = rows[rows["baseline"] == baseline]
    return estimates(rows, quantity, by)


def _conditions(view: pd.DataFrame, where: Mapping[str, Sequence[str | int]]) -> pd.Series:
    kept = pd.Series(True, index=view.index)
    for column, values in where.items():
        kept &= view[column].isin(list(values)).fillna(False).astype(bool)
    return kept


def _of_data(view: pd.DataFrame, data: str | None) -> pd.Series:
    if data == "local":
        return view["data"].str.startswith(LOCAL)
    return view["origin"] == data if data else pd.Series(True, index=view.index)


def ratio(value: Estimate, baseline: Estimate) -> Estimate:
    """value / baseline. The interval is the widest that the two intervals allow: wider than 95 %, never narrower."""
    if baseline.value == 0 or baseline.low == 0:
        return Estimate(float("inf"))
    low = None if value.low is None or baseline.high is None else value.low / baseline.high
    high = None if value.high is None or baseline.low is None else value.high / baseline.low
    return _combined(value, baseline, value.value / baseline.value, low, high)


def difference(value: Estimate, baseline: Estimate) -> Estimate:
    """value − baseline, with the widest interval that the two allow."""
    low = None if value.low is None or baseline.high is None else value.low - baseline.high
    high = None if value.high is None or baseline.low is None else value.high - baseline.low
    return _combined(value, baseline, value.value - baseline.value, low, high)


def _combined(a: Estimate, b: Estimate, value: float, low: float | None, high: float | None) -> Estimate:
    basis = a.basis if a.basis == b.basis else "mixed"
    return Estimate(value, low, high, basis, a.stable and b.stable, min(a.samples, b.samples))


def _holds(claim: Claim, value: Estimate) -> bool:
    if claim.comparison.endswith("below"):
        return (value.value if value.high is None else value.high) < claim.threshold
    return (value.value if value.low is None else value.low) > claim.threshold


def _place(by: Sequence[str], key: Key) -> str:
    known = dict(zip(by, key, strict=True))
    batch, length = known.get("batch_size"), known.get("sequence_length")
    shape = f"batch {batch} × {length} tokens" if batch else ""
    return ", ".join(str(part) for part in (known.get("where"), shape, known.get("task")) if part)
