"""What a reader must know before the first number: what was measured, where, when, and what to be careful with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from benchbench.machine import Machine
from benchbench.quantities import SCORES
from benchbench.records import OTHER_PROCESSES, WHOLE_SOCKET
from benchbench.report.view import SYNTHETIC, ordered
from benchbench.runs.folder import Run

_MOST_FAILURES = 10
SOFTWARE = ("python", "torch", "transformers", "codecarbon")
"""What bears on a number whatever the target; the engines of the targets say their own versions."""


def introduction(run: Run, view: pd.DataFrame) -> tuple[str, str, str]:
    """Three lines: what was measured; on what machine and when; how far to trust it."""
    return _what(run, view), _where_and_when(run), _trust(view)


def _what(run: Run, view: pd.DataFrame) -> str:
    models, targets, tasks = (ordered(view[column]) for column in ("model", "target", "task"))
    parts = [f"{counted(len(models), 'model')} ({listed(models)})"]
    if targets:
        parts.append(f"on {counted(len(targets), 'target')} ({listed(targets)})")
    if tasks:
        parts.append(f"and {counted(len(tasks), 'task')} ({listed(tasks)})")
    title = f" ({run.manifest.title})" if run.manifest.title else ""
    return f"Suite {run.manifest.suite}{title}: {' '.join(parts)}."


def counted(number: int, noun: str) -> str:
    """A number with its noun in singular or plural."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names with commas between; beyond `most`, how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _where_and_when(run: Run) -> str:
    machines = {record.provenance.machine_id: record.provenance.machine for record in run.records}
    described = [machine_words(machine) for machine in machines.values()] or [machine_words(run.manifest.machine)]
    started = min((record.started for record in run.records), default="")
    finished = max((record.finished for record in run.records), default="")
    return f"{'; '.join(described)}. {_moment(started)} to {_moment(finished)} UTC."


def _moment(stamp: str) -> str:
    """'2026-01-01T10:00:00+00:00' as '2026-01-01 10:00'."""
    return stamp[:16].replace("T", " ") or "unknown"


def machine_words(machine: Machine) -> str:
    """A machine's facts in one phrase; facts that are not known are left out."""
    words = (
        machine.cpu_model,
        f"{machine.physical_cores} cores" if machine.physical_cores else "",
        f"{machine.ram_gib} GiB memory" if machine.ram_gib else "",
        f"{machine.memory_limit_gib:g} of it allowed" if machine.memory_limit_gib else "",
        *machine.gpus,
        machine.os,
        "virtual machine" if machine.virtualised else "",
    )
    return ", ".join(word for word in words if word) or "Unknown machine"


def _trust(view: pd.DataFrame) -> str:
    timed = view[view["quantity"].isin(("latency_p50", "throughput", "speedup"))]
    with_interval = int(timed["ci_low"].notna().sum())
    stable = int(timed["stable"].sum())
    bases = view["basis"].value_counts()
    line = f"{len(view):,} values: {', '.join(f'{count:,} {basis}' for basis, count in bases.items())}."
    if len(timed):
        line += f" Of {len(timed):,} timings, {with_interval:,} carry a 95 % interval and {stable:,} are stable."
    return line


def warnings(run: Run, view: pd.DataFrame, unread: Sequence[str] = ()) -> tuple[str, ...]:
    """What to be careful with, gravest first. Empty when there is nothing. `unread`: predictions that are not there."""
    found = (
        *_failures(run),
        *(f"Scores of a cell are not compared by example: {reason}." for reason in unread[:_MOST_FAILURES]),
        _incomplete(run),
        _unavailable(run),
        _synthetic(view),
        _random_weights(view),
        *_data_notes(run),
        _modelled(view),
        _whole_socket(view),
        _neighbours(view),
        _unstable(view),
        _virtual(run),
        _quota(run),
        _pins(run),
    )
    return tuple(warning for warning in found if warning)


def _failures(run: Run) -> list[str]:
    titles = run.manifest.titles
    failed = [
        f"Failed: {titles.get(record.cell, record.cell)}: {record.failure.reason}"
        for record in run.records
        if record.failure
    ]
    more = [f"And {len(failed) - _MOST_FAILURES} more failed cells."] if len(failed) > _MOST_FAILURES else []
    return failed[:_MOST_FAILURES] + more


def _incomplete(run: Run) -> str:
    planned = run.manifest.cells
    missing = len(planned) - len(run.records)
    return f"{missing} of {len(planned)} planned cells have no record: the run is not complete." if missing else ""


def unavailable_targets(run: Run) -> Mapping[str, str]:
    """The reason of each target of the suite that cannot run here."""
    named = dict(run.manifest.unavailable_targets)
    for record in run.records:
        for absence in record.findings.absences:
            if absence.whole_target:
                named.setdefault(str(absence.subject.target), absence.reason)
    return named


def _unavailable(run: Run) -> str:
    named = unavailable_targets(run)
    if not named:
        return ""
    reasons = "; ".join(f"{name} ({reason})" for name, reason in named.items())
    return f"Targets not available: {reasons}. Comparisons with them do not apply here."


def _synthetic(view: pd.DataFrame) -> str:
    tasks = ordered(view.loc[view["origin"] == SYNTHETIC, "task"])
    if not tasks:
        return ""
    return (
        f"Synthetic data: the texts of {listed(tasks)} are generated, in the shape of the real tasks. "
        "These scores say nothing about real text and never share a column with real ones."
    )


def _random_weights(view: pd.DataFrame) -> str:
    rows = view[view["weights"] == "random"]
    models = ordered(rows["model"])
    if not models:
        return ""
    scored = ordered(rows.loc[rows["quantity"].isin(SCORES), "model"])
    text = f"Random weights: {listed(models)}. FLOPs do not depend on the values of weights, speed by a few per cent"
    return f"{text}; quality does: trained from scratch here: {listed(scored)}." if scored else f"{text}."


def _data_notes(run: Run) -> list[str]:
    """What was done to the examples of a task, and what its scores are of."""
    notes: dict[str, list[str]] = {}
    for record in run.records:
        if facts := record.findings.facts.training:
            said = notes.setdefault(str(record.parameters.get("task")), [])
            said += [note for note in facts.data_notes if note not in said]
    return [f"Data of {task}: {'; '.join(said)}." for task, said in notes.items() if said]


def _modelled(view: pd.DataFrame) -> str:
    rows = view[view["quantity"].isin(("energy_per_example", "emissions_per_1k", "train_energy", "train_emissions"))]
    modelled = int((rows["basis"] == "modelled").sum())
    if not modelled:
        return ""
    return (
        f"Energy is modelled in {modelled:,} of {len(rows):,} values: no power meter was readable, so time is "
        "multiplied by assumed watts. Compare models with it; do not quote it as consumption."
    )


def _whole_socket(view: pd.DataFrame) -> str:
    charged = int(view["note"].str.contains(WHOLE_SOCKET, regex=False).sum())
    if not charged:
        return ""
    return (
        f"A whole socket's TDP is charged in {charged:,} values of energy: a virtual machine does not see how many "
        "cores its socket has, so that the power of others' cores is in them."
    )


def _neighbours(view: pd.DataFrame) -> str:
    taken = view["note"].str.extract(rf"(\d+) % {re.escape(OTHER_PROCESSES)}", expand=False).dropna()
    if taken.empty:
        return ""
    return (
        f"Up to {taken.astype(int).max()} % {OTHER_PROCESSES} while {len(taken):,} values were measured. "
        "They are unstable (†), and may be far from what the machine does alone: repeat them when nothing else runs."
    )


def _unstable(view: pd.DataFrame) -> str:
    rows = view[~view["stable"].astype(bool) & ~view["note"].str.contains(OTHER_PROCESSES, regex=False)]
    if rows.empty:
        return ""
    where = [place for place in ordered(rows["where"]) if place]
    return (
        f"{len(rows):,} of {len(view):,} values are unstable (†): their intervals stayed wider than the suite allows"
        f"{', on ' + listed(where) if where else ''}. A larger budget narrows them."
    )


def _virtual(run: Run) -> str:
    if not any(record.provenance.machine.virtualised for record in run.records):
        return ""
    return "Virtual machine: neighbours may disturb timings. Ratios of models measured in turn are safer than times."


def _quota(run: Run) -> str:
    machines = (record.provenance.machine for record in run.records)
    bound = [machine for machine in machines if _binds(machine)]
    if not bound:
        return ""
    quota, cores = min((machine.cpu_quota or 0, machine.physical_cores or 0) for machine in bound)
    return (
        f"A container quota of {quota:g} {'core' if quota == 1 else 'cores'} binds: engines, training and the peak "
        f"have {counted(max(1, int(quota)), 'thread')} on {counted(cores, 'core')}. A target that asks for more "
        "threads is halted whenever they have used the quota up."
    )


def _pins(run: Run) -> str:
    """Of what bears on numbers; the others stand among the versions."""
    others: dict[str, None] = {}
    for record in run.records:
        installed, pinned = record.provenance.versions, record.provenance.pins
        named = [name for name in pinned if name in {*SOFTWARE, *record.findings.facts.engines}]
        others |= dict.fromkeys(f"{name} {installed[name]} (pinned: {pinned[name]})" for name in named)
    return f"Other versions than the pinned ones: {', '.join(others)}." if others else ""


def _binds(machine: Machine) -> bool:
    """Whether it is a quota, and not affinity, that leaves a machine with fewer threads than it has cores."""
    quota, cores, usable = machine.cpu_quota, machine.physical_cores, machine.usable_cores
    return bool(quota and cores and usable and quota < cores and quota <= usable)


def software(run: Run) -> str:
    """The versions that decide speed, in one line."""
    versions: dict[str, dict[str, None]] = {}
    for record in run.records:
        installed = record.provenance.versions
        known = {name: installed[name] for name in SOFTWARE if name in installed} | dict(record.findings.facts.engines)
        for name, version in known.items():
            versions.setdefault(name, {})[version] = None
    return ", ".join(f"{name} {' and '.join(found)}" for name, found in versions.items())
