"""How each number was made: methods, settings, versions, and the notebooks that ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from benchbench.quantities import QUANTITIES
from benchbench.quantities.measured import RATIO
from benchbench.records import RaceFacts, Record
from benchbench.report.tables.table import Column, Entry, Table, table, words
from benchbench.runs.folder import Run


def methods(view: pd.DataFrame, records: Sequence[Record]) -> Table:
    """The method of each kind of number that this run has, and what its races took."""
    present = set(view["quantity"])
    found = dict.fromkeys(quantity.method for name, quantity in QUANTITIES.items() if name in present)
    here = {RATIO: _raced([race for record in records for race in record.findings.facts.races])}
    texts = [" ".join(filter(None, (method.text, here.get(method)))) for method in found]
    columns = [words("Numbers", [method.title for method in found]), words("Method", texts)]
    return table("methods", "Methods", columns)


def _raced(races: Sequence[RaceFacts]) -> str:
    if not races:
        return ""
    ran, most = sorted(race.processes for race in races), max(race.most_processes for race in races)
    took, allowed = sum(race.seconds for race in races), sum(race.most_seconds for race in races)
    processes = f"{ran[0]}" if ran[0] == ran[-1] else f"{ran[0]} to {ran[-1]}"
    rounds = sum(race.rounds for race in races)
    return (
        f"Here a race took {processes} of at most {most} processes, and all together {took:.0f} of {allowed:.0f} s "
        f"for {rounds} rounds."
    )


def settings(run: Run) -> Table:
    """The suite's settings, flattened: one row each."""
    rows = list(_flat(run.manifest.settings))
    columns = [words("Setting", [name for name, _ in rows]), words("Value", [value for _, value in rows])]
    return table("settings", "Settings", columns)


def versions(run: Run) -> Table:
    """Every library's version; several where the entries of a run differ."""
    found: dict[str, list[str]] = {}
    for record in run.records:
        for name, version in software_of(record).items():
            if version not in found.setdefault(name, []):
                found[name].append(version)
    columns = [words("Library", found), words("Version", [" and ".join(each) for each in found.values()])]
    return table("versions", "Versions", columns)


def software_of(record: Record) -> Mapping[str, str]:
    """The versions that a record was made with: every library's, and this package's with its commit."""
    made = record.provenance
    own = {"benchbench": made.benchbench, "commit": made.commit or ""}
    return {**made.versions, **{name: version for name, version in own.items() if version}}


def notebooks(run: Run, rendered: Mapping[str, str]) -> Table:
    """Each cell with its notebook as it ran. `rendered`: pages made of them, by cell, relative to the report."""
    titles, records = run.manifest.titles, run.records
    columns = [
        words("Cell", [titles.get(record.cell, record.cell) for record in records]),
        words("Study", [record.study for record in records]),
        words("Outcome", [record.outcome for record in records]),
        (Column("Minutes", numeric=True), [_minutes(record.started, record.finished) for record in records]),
        (Column("To read"), [_link("page", rendered.get(record.cell, "")) for record in records]),
        (Column("To run"), [_link("notebook", _notebook_link(run, record.cell)) for record in records]),
    ]
    return table("notebooks", "Notebooks as they ran", columns)


def _minutes(started: str, finished: str) -> Entry:
    try:
        minutes = (pd.Timestamp(finished) - pd.Timestamp(started)).total_seconds() / 60
    except ValueError:
        return Entry("–")
    return Entry(f"{minutes:.1f}", sort=minutes)


def _link(text: str, target: str) -> Entry:
    return Entry(text, link=target) if target else Entry("–")


def _notebook_link(run: Run, cell: str) -> str:
    path = run.notebook_path(cell)
    return f"../{path.relative_to(run.folder).as_posix()}" if path.is_file() else ""


def _flat(value: object, name: str = "") -> list[tuple[str, str]]:
    """Nested settings as dotted names with text values."""
    if isinstance(value, Mapping):
        return [pair for key, inner in value.items() for pair in _flat(inner, f"{name}.{key}" if name else str(key))]
    if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        return [pair for index, inner in enumerate(value) for pair in _flat(inner, f"{name}[{index + 1}]")]
    if isinstance(value, list | tuple):
        return [(name, ", ".join(str(item) for item in value))]
    return [(name, str(value))]
