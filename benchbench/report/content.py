"""A report before it is drawn: which sections, tables and figures it has, from a run's records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from benchbench.report import convergence, figures, warnings
from benchbench.report.choice.pick import Choice, pick
from benchbench.report.claims import published, verdicts
from benchbench.report.claims.claims import Claim
from benchbench.report.claims.judging import Measured, Verdict
from benchbench.report.costs.break_even_table import break_even_table
from benchbench.report.costs.in_all import costs_in_all
from benchbench.report.costs.pairs import pairs
from benchbench.report.costs.reaching import reaching_table, to_scores, trainings
from benchbench.report.evaluations.evaluation import evaluated
from benchbench.report.evaluations.intervals import over_seeds
from benchbench.report.evaluations.retained import Retained, retained, sentences
from benchbench.report.figures.charts import Figure
from benchbench.report.headlines.of_run import Reached, headlines
from benchbench.report.headlines.wording import Headline
from benchbench.report.tables import absences, glance, provenance, resources, scores, service, size, speed, systems
from benchbench.report.tables.table import Table
from benchbench.report.view import REAL, SYNTHETIC, all_models, labelled, named, origins, shapes, unmeasured
from benchbench.report.view import systems as systems_of
from benchbench.runs.folder import Run

MOST_SHAPES = 6


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report. `folded` tables are there for those who open them."""

    key: str
    title: str
    text: str = ""
    figures: tuple[Figure, ...] = ()
    choice: Choice | None = None
    tables: tuple[Table, ...] = ()
    folded: tuple[Table, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.figures or self.tables or self.folded or self.choice)


@dataclass(frozen=True, slots=True)
class Content:
    """All that a report says, apart from how it looks. `answer`: what it begins with."""

    title: str
    answer: tuple[Headline, ...]
    introduction: tuple[str, ...]
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]


def content(run: Run, claims: Sequence[Claim], rendered: Mapping[str, str]) -> Content:
    """Everything in the report of `run`: with the verdicts on `claims`, and `rendered` notebooks by cell."""
    answers = evaluated(run)
    measured = over_seeds(run.measurements, answers)
    view, deployed, everything = labelled(measured), systems_of(measured), named(measured)
    missing = unmeasured(run.absences, everything)
    kept = retained(deployed, answers)
    measured_here = Measured(view, deployed, verdicts.convolutions_of(run.records), answers, missing)
    reached = verdicts.verdicts(claims, measured_here)
    sections = (
        _glance(view, deployed, missing),
        _verdicts(reached),
        _systems(run, view, deployed, missing, kept),
        _quality_and_cost(view, deployed),
        _quality(run, view),
        _speed(view, missing),
        _memory_and_energy(view),
        _service(view, missing),
        _layers(view),
        _training(run, view),
        _break_even(run, view, deployed, missing),
        _pick(view, deployed, missing),
        Section("published", "Published beside measured", tables=_there(published.beside_measured(view))),
        _missing(run.absences),
        _provenance(run, everything, rendered),
    )
    return Content(
        title=f"Benchmark report: {run.manifest.suite}",
        answer=headlines(Reached(run, view, deployed, answers, reached)),
        introduction=warnings.introduction(run, everything),
        warnings=warnings.warnings(run, everything, answers.unread),
        sections=tuple(section for section in sections if section),
    )


def _glance(view: pd.DataFrame, deployed: pd.DataFrame, missing: pd.DataFrame) -> Section:
    return Section("glance", "At a glance", tables=_there(glance.summary(view, deployed, missing)))


def _verdicts(reached: Sequence[Verdict]) -> Section:
    return Section(
        "verdicts",
        "Claims and verdicts",
        "What is commonly claimed, tested on this run.",
        tables=_there(verdicts.overview(reached)),
        folded=_there(verdicts.evidence(reached)),
    )


def _systems(
    run: Run, view: pd.DataFrame, deployed: pd.DataFrame, missing: pd.DataFrame, kept: Sequence[Retained]
) -> Section:
    tables = (systems.systems(run, deployed, kept, origin) for origin in (REAL, SYNTHETIC))
    return Section(
        "systems",
        "Systems",
        " ".join(sentences(kept, "int8")),
        tables=_there(*tables, service.requests(view, deployed, missing)),
        folded=_there(systems.other_weights(deployed)),
    )


def _pick(view: pd.DataFrame, deployed: pd.DataFrame, missing: pd.DataFrame) -> Section:
    choice = pick(view, deployed, missing)
    return Section("pick", "Pick one", choice=choice if choice.fitting else None)


def _provenance(run: Run, view: pd.DataFrame, rendered: Mapping[str, str]) -> Section:
    return Section(
        "provenance",
        "How each number was made",
        warnings.software(run),
        tables=_there(provenance.methods(view, run.records)),
        folded=_there(provenance.notebooks(run, rendered), provenance.settings(run), provenance.versions(run)),
    )


def _quality_and_cost(view: pd.DataFrame, deployed: pd.DataFrame) -> Section:
    models = all_models(pd.concat([view, deployed]))
    drawn = [figure for origin in (REAL, SYNTHETIC) for figure in figures.pareto(deployed, origin, models)]
    text = "Up and to the left is better. Each point is a model on a target; the shape and the colour name the model."
    return Section("quality-and-cost", "Quality against cost", text, tuple(drawn))


def _quality(run: Run, view: pd.DataFrame) -> Section:
    found = _there(*(scores.quality(view, origin) for origin in origins(view)))
    return Section("quality", "Quality", " ".join(convergence.sentences(run)), tables=found)


def _speed(view: pd.DataFrame, missing: pd.DataFrame) -> Section:
    drawn = _drawn(
        figures.speedup(view, published.speedup_marks(view)),
        figures.latency(view),
        *figures.scaling(view),
        figures.tokens(view),
        figures.roofline(view),
    )
    each = [speed.latency(view, shape) for shape in shapes(view)[:MOST_SHAPES]]
    return Section(
        "speed",
        "Speed",
        figures=drawn,
        tables=_there(*each[:1], speed.speedup(view)),
        folded=_there(*each[1:], speed.speedup_pairs(view), speed.details(view, missing), speed.limits(view)),
    )


def _memory_and_energy(view: pd.DataFrame) -> Section:
    shown = _there(size.size(view))
    return Section(
        "memory-and-energy",
        "Size, memory, energy and carbon",
        figures=_drawn(figures.memory(view)),
        tables=shown,
        folded=_there(resources.memory(view), resources.energy(view), resources.grids(view)),
    )


def _service(view: pd.DataFrame, missing: pd.DataFrame) -> Section:
    return Section(
        "service",
        "As a service",
        tables=_there(
            service.service(view),
            service.instances(view, missing),
            service.realistic(view, missing),
            service.mixed_lengths(view),
        ),
        folded=_there(service.realistic_speedups(view)),
    )


def _layers(view: pd.DataFrame) -> Section:
    drawn, folded = _drawn(figures.layers(view)), _there(size.layers(view))
    return Section("layers", "Where the work and the time go", figures=drawn, folded=folded)


def _training(run: Run, view: pd.DataFrame) -> Section:
    curves = figures.learning(run.records, view)
    return Section("training", "Fine-tuning", figures=curves, tables=_there(resources.training(view, run.records)))


def _break_even(run: Run, view: pd.DataFrame, deployed: pd.DataFrame, missing: pd.DataFrame) -> Section:
    costed = costs_in_all(view, deployed, missing)
    found = pairs(costed)
    drawn = figures.total_energy(costed, found, all_models(pd.concat([view, deployed])))
    found_scores = to_scores(tuple(trainings(run.records, view)))
    text = "A model that is dearer to train pays off where its requests cost less, from so many of them on."
    shown = _there(break_even_table(found), reaching_table(found_scores))
    return Section("break-even", "What it costs in all", text if found else "", drawn, tables=shown)


def _missing(missing: pd.DataFrame) -> Section:
    if missing.empty:
        return Section("absent", "Not measured")
    return Section("absent", "Not measured", tables=_there(absences.absences(missing)))


def _there(*candidates: Table) -> tuple[Table, ...]:
    return tuple(candidate for candidate in candidates if candidate)


def _drawn(*candidates: Figure | None) -> tuple[Figure, ...]:
    return tuple(candidate for candidate in candidates if candidate)
