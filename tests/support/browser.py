"""A real browser without a network, where Chromium and playwright are installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def missing() -> str | None:
    """Why no page can be opened here; None where one can."""
    if CHROMIUM is None:
        return "Chromium is not installed"
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "playwright is not installed"
    return None


needs_browser = pytest.mark.skipif(
    missing() is not None and os.environ.get("CI") != "true", reason=f"{missing()}: the page is not opened"
)


@contextmanager
def launched() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    assert CHROMIUM is not None, missing()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


def opened(browser: Any, path: Path, width: int = 1200, scheme: str = "light") -> Any:
    """The page at `path`; its `complaints` are console messages and requests that left the file."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "request", lambda request: request.url.startswith(("file:", "data:")) or page.complaints.append(request.url)
    )
    page.goto(path.as_uri())
    return page
