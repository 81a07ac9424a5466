"""How findings look in a notebook: a table for the reader, and the same as data for the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from pydantic import TypeAdapter

from benchbench.quantities import QUANTITIES
from benchbench.records import Absence, Findings, Measurement

MIME = "application/vnd.benchbench.findings+json"

_FINDINGS = TypeAdapter(Findings)


@dataclass(frozen=True)
class Shown:
    """Findings that a notebook cell can end with. The runner reads the data back out of the executed notebook."""

    findings: Findings

    def _repr_mimebundle_(self, **_: object) -> Mapping[str, object]:
        return {
            "text/plain": f"{len(self.findings.measurements)} measurements",
            "text/html": html_table(self.findings),
            MIME: _FINDINGS.dump_python(self.findings, mode="json"),
        }


def findings_in(notebook: Mapping[str, Any]) -> Findings | None:
    """The findings that an executed notebook (nbformat) shows last; None when it shows none.

    Raises pydantic's `ValidationError` when they are not well-formed.
    """
    for cell in reversed(notebook["cells"]):
        for output in cell.get("outputs", ()):
            if MIME in output.get("data", {}):
                return _FINDINGS.validate_python(output["data"][MIME])
    return None


def html_table(findings: Findings) -> str:
    """Measurements and absences as an HTML table, every text escaped."""
    head = "".join(f"<th>{title}</th>" for title in ("Subject", "Quantity", "Value", "Unit", "95 % interval", "Basis"))
    rows = [_row(m) for m in findings.measurements] + [_absent(a) for a in findings.absences]
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _row(m: Measurement) -> str:
    interval = f"{m.ci_low:.4g} to {m.ci_high:.4g}" if m.ci_low is not None and m.ci_high is not None else ""
    basis = m.basis if m.stable else f"{m.basis}, unstable"
    cells = (_words(m), QUANTITIES[m.quantity].title, f"{m.value:,.4g}", m.unit, interval, basis)
    return f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>"


def _absent(absence: Absence) -> str:
    return f'<tr><td>{escape(_words(absence))}</td><td colspan="5">not available: {escape(absence.reason)}</td></tr>'


def _words(item: Measurement | Absence) -> str:
    s = item.subject
    shape = f"{s.batch_size} × {s.sequence_length}" if s.batch_size else None
    return ", ".join(
        str(part)
        for part in (s.model, s.task, s.target, s.split, s.recipe, s.scenario, shape, s.lengths, s.layer, s.grid)
        if part
    )
