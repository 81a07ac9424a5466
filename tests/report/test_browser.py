"""The page in a real browser, with the network switched off."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace

import example_runs as example
import pytest

from benchbench.report.choice.pick import pick
from benchbench.report.pages.render import render
from benchbench.report.view import labelled

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
HOSTILE = "</script><script>window.broken = true</script><img src=x onerror='window.broken = true'>"


def _missing() -> str | None:
    if CHROMIUM is None:
        return "Chromium is not installed"
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "playwright is not installed"
    return None


if _missing() and os.environ.get("CI") != "true":
    pytest.skip(f"{_missing()}: the page is not opened", allow_module_level=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    assert CHROMIUM is not None, _missing()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser):
    """Open a report at a width; the returned page lists console messages and requests that left the file."""
    contexts = []

    def open_report(path, width=1200, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: request.url.startswith("file:") or page.complaints.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_function(
            "document.querySelectorAll('[data-figure]').length === document.querySelectorAll('[data-drawn] svg').length"
        )
        return page

    yield open_report
    for context in contexts:
        context.close()


def test_figures_are_drawn_without_network_and_without_complaint(example_page, open_page):
    page = open_page(example_page)

    assert page.locator("[data-drawn] svg").count() >= 8
    assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_scrolls_sideways_on_a_phone(example_page, open_page, scheme):
    page = open_page(example_page, width=360, scheme=scheme)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize(
    "demands",
    [
        {},
        {"min_quality": 0.75},
        {"max_p99_ms": 60.0, "max_memory_bytes": 250e6},
        {"min_quality": 0.75, "max_p99_ms": 0.01},
    ],
)
def test_the_pages_pick_is_the_commands_pick(example_run, example_page, open_page, demands):
    page = open_page(example_page)
    fields = {"quality": "min_quality", "p99": "max_p99_ms", "memory": "max_memory_bytes"}
    for field, name in fields.items():
        if name in demands:
            value = demands[name] / 1e6 if field == "memory" else demands[name]
            page.fill(f"input[name={field}]", str(value))

    answer = page.locator("#answer")
    best = pick(labelled(example_run.measurements), **demands).best
    assert answer.get_attribute("data-model") == (best.model if best else "")
    assert answer.get_attribute("data-target") == (best.target if best else "")


def test_markup_in_names_stays_text_in_the_browser(make_run, open_page, monkeypatch):
    for table in (example.WEIGHTS, example.FLOPS):
        monkeypatch.setitem(table, HOSTILE, 1e9)
    records = [
        example.quality_record(HOSTILE, "task<script>window.broken = true</script>", 0.8),
        example.efficiency_record("target<img src=x onerror='window.broken = true'>", ("bert-base", HOSTILE)),
    ]
    run = make_run([replace(record, cell=f"cell{index}") for index, record in enumerate(records)])
    page = open_page(render(run))
    page.hover("[data-drawn] svg .mark-symbol path >> nth=0", force=True)

    assert page.evaluate("window.broken") is None
    assert page.locator("th[scope=row]", has_text="<img src=x").count() > 0
    assert page.complaints == []


def test_every_table_says_what_its_cells_mean(example_page, open_page):
    page = open_page(example_page)

    assert page.locator("table:not(:has(caption))").count() == 0
    assert page.locator("thead th:not([scope=col])").count() == 0
    assert page.locator("tbody tr:not(:has(th[scope=row]))").count() == 0
    assert page.locator(".table[tabindex='0'][role=region][aria-label]").count() == page.locator("table").count()


def test_a_click_on_a_heading_sorts_by_value(example_page, open_page):
    page = open_page(example_page)
    heading = page.locator("#table-size th button", has_text="Parameters")

    def models():
        return page.locator("#table-size tbody th").all_inner_texts()

    heading.click()
    assert models() == ["squeezebert-tiny", "squeezebert", "bert-base"]
    heading.click()
    assert models() == ["bert-base", "squeezebert", "squeezebert-tiny"]
    assert page.locator("#table-size th[aria-sort=descending]").count() == 1
