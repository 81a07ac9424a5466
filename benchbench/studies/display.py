"""How findings look in a notebook: a table for the reader, and the same as data for the record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from pydantic import TypeAdapter

from benchbench.quantities import QUANTITIES
from benchbench.records import Absence, Findings, LearningPoint, Measurement, Subject, join
from benchbench.rounding import FOOTNOTES, RoundedValue, Scale, rounded, scale

MIME = "application/vnd.benchbench.findings+json"

_FINDINGS = TypeAdapter(Findings)
_HEADINGS = {"Subject": "", "Quantity": "", "Value": "number", "95 % interval": "number", "Basis": ""}
_CURVE = ("Examples seen", "Training time", "Score")


@dataclass(frozen=True)
class NotebookFindings:
    """Findings as a step of a notebook shows them. The runner reads the data back out of the executed notebook."""

    findings: Findings

    def _repr_mimebundle_(self, **_: object) -> Mapping[str, object]:
        return {
            "text/plain": f"{len(self.findings.measurements)} measurements",
            "text/html": html_table(self.findings),
            MIME: _FINDINGS.dump_python(self.findings, mode="json"),
        }


def show(findings: Findings) -> NotebookFindings:
    """What a step ends with: all that the steps of a notebook show enters its record."""
    return NotebookFindings(findings)


def findings_in(notebook: Mapping[str, Any]) -> Findings | None:
    """All findings that an executed notebook (nbformat) shows, in order, what stands twice once; None without any.

    Raises pydantic's `ValidationError` when they are not well-formed.
    """
    bundles: list[object] = []
    for step in notebook["cells"]:
        for output in step.get("outputs", ()):
            if MIME in output.get("data", {}) and output["data"][MIME] not in bundles:
                bundles.append(output["data"][MIME])
    return join(_FINDINGS.validate_python(bundle) for bundle in bundles) if bundles else None


def facts_table(facts: Mapping[str, str]) -> str:
    """Names and what they stand for, as an HTML table, every text escaped."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in facts.items()
    )
    return f"<table><tbody>{rows}</tbody></table>"


def curve_table(points: Iterable[LearningPoint]) -> str:
    """A learning curve as an HTML table, a row a point."""
    head = "".join(f'<th scope="col" class="number">{title}</th>' for title in _CURVE)
    rows = "".join(
        f'<tr><td class="number">{p.examples:,}</td><td class="number">{p.seconds:,.1f} s</td>'
        f'<td class="number">{p.score:.3f}</td></tr>'
        for p in points
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def html_table(findings: Findings) -> str:
    """Measurements and absences as an HTML table, every text escaped; a quantity has one unit throughout.

    What all rows have in common stands once, above them.
    """
    if not (findings.measurements or findings.absences):
        return "<p>Nothing was measured in this step.</p>"
    units = _units(findings.measurements)
    values = [(m, _rounded(m, units[m.quantity])) for m in findings.measurements]
    common = _common([*(m.subject for m in findings.measurements), *(a.subject for a in findings.absences)])
    caption = f"<caption>{escape(', '.join(common))}</caption>" if common else ""
    head = "".join(f'<th scope="col" class="{kind}">{title}</th>' for title, kind in _HEADINGS.items())
    rows = [_row(m, value, units[m.quantity], common) for m, value in values]
    rows += [_absent(absence, common) for absence in findings.absences]
    marks = {mark for _, value in values for mark in value.marks}
    notes = "".join(f"<li>{escape(text)}</li>" for mark, text in FOOTNOTES.items() if mark in marks)
    table = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f'{table}<ul class="notes">{notes}</ul>' if notes else table


def _units(measurements: Iterable[Measurement]) -> Mapping[str, Scale]:
    values = defaultdict(list)
    for m in measurements:
        values[m.quantity].append(m.value)
    return {quantity: scale(quantity, found) for quantity, found in values.items()}


def _rounded(m: Measurement, unit: Scale) -> RoundedValue:
    return rounded(m.value, m.ci_low, m.ci_high, unit, basis=m.basis, stable=m.stable)


def _row(m: Measurement, value: RoundedValue, unit: Scale, common: tuple[str, ...]) -> str:
    text = f"{value.text} {unit.unit}".rstrip() + value.marks
    entries = (QUANTITIES[m.quantity].title, text, value.interval, str(m.basis))
    kinds = list(_HEADINGS.values())[1:]
    drawn = (f'<td class="{kind}">{escape(entry)}</td>' for kind, entry in zip(kinds, entries, strict=True))
    return f'<tr><th scope="row">{_head(m.subject, common)}</th>{"".join(drawn)}</tr>'


def _absent(absence: Absence, common: tuple[str, ...]) -> str:
    quantity = QUANTITIES[absence.quantity].title if absence.quantity else ""
    return (
        f'<tr><th scope="row">{_head(absence.subject, common)}</th><td>{escape(quantity)}</td>'
        f'<td colspan="3">not available: {escape(absence.reason)}</td></tr>'
    )


def _head(subject: Subject, common: tuple[str, ...]) -> str:
    words = _words(subject)
    return escape(", ".join([word for word in words if word not in common] or words))


def _common(subjects: Sequence[Subject]) -> tuple[str, ...]:
    """The words that every one of several subjects has, but for the model: a row without one would be hard to read."""
    first, *others = subjects
    if not others:
        return ()
    return tuple(word for word in _words(first) if word != first.model and all(word in _words(s) for s in others))


def _words(s: Subject) -> tuple[str, ...]:
    sizes = (
        f"batch {s.batch_size}" if s.batch_size else "",
        f"{s.sequence_length} tokens" if s.sequence_length else "",
    )
    against = f"against {s.baseline}" if s.baseline else ""
    texts = s.lengths, s.batching
    where = (s.task, s.target, s.split, s.recipe, s.scenario, s.instances)
    parts = (s.model, against, *where, *sizes, *texts, s.layer, s.grid)
    return tuple(part for part in parts if part)
