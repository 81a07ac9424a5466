"""Verbs that say what there is: models, tasks, this machine."""

from __future__ import annotations

from benchbench.cli.application import AsJson, app
from benchbench.cli.printing import print_facts, print_rows


@app.command()
def models(as_json: AsJson = False) -> None:
    """List the models of the zoo."""
    from benchbench.models.zoo import MODELS

    rows = [(row.name, row.title, row.hub_id or "") for row in MODELS.values()]
    print_rows("Models", ("model", "title", "hub_id"), rows, as_json)


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
