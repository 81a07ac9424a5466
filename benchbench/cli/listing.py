"""Verbs that say what there is: models, tasks, this machine."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from benchbench.cli.application import AsJson, app
from benchbench.cli.printing import print_facts, print_rows

if TYPE_CHECKING:
    from benchbench.models.extent import Extent
    from benchbench.models.zoo import ModelRow

_NO_WEIGHTS = "no weights"


@app.command()
def models(as_json: AsJson = False) -> None:
    """List the models of the zoo: parameters with two labels, tokens of the longest text, licence of the weights.

    Those without an encoder come last, their sizes unknown before they are fitted. As JSON with hub id, revision and
    reference too.
    """
    from benchbench.models.extent import Extent, extent
    from benchbench.models.source import ModelSource
    from benchbench.models.zoo import LINEAR, MODELS, place

    found = [(row, extent(ModelSource(place(row.name)))) for row in MODELS.values()]
    if as_json:
        listed = (
            {"model": row.name, "title": row.title, **asdict(size), "licence": _licence(row)}
            | {"hub_id": row.hub_id or "", "revision": row.revision or "", "reference": row.reference}
            for row, size in found
        )
        unknown = dict.fromkeys(field.name for field in fields(Extent))
        without = (
            {"model": row.name, "title": row.title, **unknown, "licence": _NO_WEIGHTS}
            | {"hub_id": "", "revision": "", "reference": row.reference}
            for row in LINEAR.values()
        )
        print(json.dumps([*listed, *without], indent=1))
        return
    headings = ("model", "title", "parameters", "outside embeddings", "tokens", "licence")
    rows = [
        (
            row.name,
            row.title,
            _millions(size.parameters),
            _millions(size.outside_embeddings),
            _bound(size),
            _licence(row),
        )
        for row, size in found
    ]
    rows += [(row.name, row.title, "by its texts", "no encoder", "any", _NO_WEIGHTS) for row in LINEAR.values()]
    print_rows("Models", headings, rows, as_json=False)


def _millions(number: int) -> str:
    return f"{number / 1e6:.1f} M"


def _licence(row: ModelRow) -> str:
    return _NO_WEIGHTS if row.hub_id is None else row.licence or "not verified"


def _bound(size: Extent) -> str:
    return f"{size.longest_sequence:,}" if size.longest_sequence else "any"


@app.command()
def tasks(as_json: AsJson = False) -> None:
    """List the tasks."""
    from benchbench.tasks.registry import TASKS

    rows = [
        (t.name, t.title, t.kind, ", ".join(t.metrics), "synthetic" if t.synthetic else "real") for t in TASKS.values()
    ]
    print_rows("Tasks", ("task", "title", "kind", "metrics", "data"), rows, as_json)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what this machine is, and what on it can be measured."""
    from benchbench.cli.doctor import diagnose

    print_facts(diagnose(), as_json)
