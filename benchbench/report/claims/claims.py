"""Claims as hypotheses: what is said, and what a run would have to show."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from benchbench import yaml_files
from benchbench.quantities import QUANTITIES, SCORES
from benchbench.quantities.metrics import MEAN_SCORE

Convolutions = Literal["depthwise", "grouped_pointwise", "dense_pointwise", "other"]
Comparison = Literal[
    "below", "above", "ratio_below", "ratio_above", "difference_below", "difference_above", "no_worse_by", "keeps"
]
_OF_TWO = ("ratio", "difference", "no_worse", "keeps")


class Pair(BaseModel):
    """A model, and the model that it is compared with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: str = ""
    baseline: str | None = None


class Claim(Pair):
    """A statement that a run can support or not.

    `quantity`: a name of `benchbench.quantities.QUANTITIES`; 'score' is the mean of a task's metrics.
    `convolutions`: instead of a quantity, the kind of convolutions that are counted in the candidate.
    `comparison`: of the candidate's value, its ratio to the baseline's or its difference from the baseline's, with
    `threshold`. 'no_worse_by' and 'keeps' test scores for non-inferiority: the candidate is worse by less than
    `threshold`, or keeps at least that share of the baseline's score. `precision`: instead of a pair, every model on
    every target of this precision beside itself in fp32 PyTorch.
    `where`: only rows whose column has one of these values. `data`: only 'real', 'local' (a folder or file of one's
    own) or 'synthetic' data; scores of models that began with random weights never decide about the first two.
    `stand_in`: a smaller pair whose evidence is shown, but decides nothing, where the pair itself was not measured.
    `reading`: a sentence that helps to read the evidence.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    statement: str = Field(min_length=1)
    quantity: str | None = None
    convolutions: Convolutions | None = None
    comparison: Comparison
    threshold: float = Field(allow_inf_nan=False)
    where: Mapping[str, tuple[str | int, ...]] = {}
    data: Literal["real", "local", "synthetic"] | None = None
    precision: str | None = None
    stand_in: Pair | None = None
    source: str = ""
    reading: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Claim:
        if (self.quantity is None) == (self.convolutions is None):
            raise ValueError("give either a quantity or convolutions")
        if self.quantity is not None and self.quantity not in QUANTITIES:
            raise ValueError(f"unknown quantity {self.quantity!r}")
        if bool(self.candidate) == bool(self.precision) or (self.stand_in and not self.stand_in.candidate):
            raise ValueError("name either a candidate or a precision; a stand-in has a candidate")
        if self.precision and (self.comparison != "keeps" or self.quantity != MEAN_SCORE.name):
            raise ValueError("a claim about a precision compares with 'keeps', and its quantity is 'score'")
        if self.of_two and self.baseline is None and self.precision is None:
            raise ValueError(f"{self.comparison} needs a baseline")
        if self.non_inferiority and not (self.quantity == MEAN_SCORE.name or self.quantity in SCORES):
            raise ValueError(f"{self.comparison} tests scores, not {self.quantity!r}")
        if self.non_inferiority and not 0 <= self.threshold <= 1:
            raise ValueError(f"{self.comparison} takes a threshold from 0 to 1")
        if unknown := set(self.where) - _CONDITIONS:
            raise ValueError(f"where: unknown {sorted(unknown)}; known: {', '.join(sorted(_CONDITIONS))}")
        return self

    @property
    def non_inferiority(self) -> bool:
        return self.comparison in ("no_worse_by", "keeps")

    @property
    def of_two(self) -> bool:
        """Whether values of two models are compared."""
        return self.comparison.startswith(_OF_TWO)

    @property
    def bound(self) -> float:
        """What the value of a piece of evidence must exceed or fall below."""
        return {"no_worse_by": -self.threshold, "keeps": 0.0}.get(self.comparison, self.threshold)


_CONDITIONS = frozenset({"task", "target", "scenario", "batch_size", "sequence_length", "machine"})
_CLAIMS = TypeAdapter(tuple[Claim, ...])
_SHAPE = "claims are a list; each begins with '- id: …'"


def shipped() -> tuple[Claim, ...]:
    """The claims that come with the package."""
    return read(Path(str(files("benchbench.report.claims") / "claims.yaml")))


def read(path: Path) -> tuple[Claim, ...]:
    """Claims of one's own, from a YAML file. Raises `InputError` that names the file and the line."""
    return yaml_files.read(path, _CLAIMS, _SHAPE)


def parse(text: str, where: str) -> tuple[Claim, ...]:
    """The claims in YAML `text`. Raises `InputError` that names `where` and the line."""
    return yaml_files.parse(text, where, _CLAIMS, _SHAPE)
