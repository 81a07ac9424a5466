"""The verb `cache`: what is kept between runs, how large it is, and away with it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from benchbench.cli.application import AsJson, app
from benchbench.cli.printing import print_rows


@app.command()
def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Empty the caches; what is needed is made again.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is kept between runs, with sizes, or clear it."""
    from benchbench import caches

    found = {holds: (folder, caches.size_bytes(folder)) for holds, folder in caches.caches().items()}
    if clear:
        for folder, _ in found.values():
            caches.clear(folder)
    if as_json:
        rows = [{"holds": holds, "folder": str(folder), "bytes": size} for holds, (folder, size) in found.items()]
        print(json.dumps(rows, indent=1))
    else:
        title = "Caches, cleared" if clear else "Caches"
        shown = [(holds, f"{size / 1e6:,.1f} MB", str(folder)) for holds, (folder, size) in found.items()]
        print_rows(title, ("holds", "freed" if clear else "size", "folder"), shown, as_json=False)
