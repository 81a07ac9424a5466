"""The page in a real browser, with the network switched off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import browser as chromium
import example_runs as example
import nbformat
import pytest

from benchbench.report.choice.pick import Demands, pick
from benchbench.report.pages.render import render
from benchbench.report.view import labelled, named, systems, unmeasured

HOSTILE = "</script><script>window.broken = true</script><img src=x onerror='window.broken = true'>"

pytestmark = chromium.needs_browser


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with chromium.launched() as opened:
        yield opened


@pytest.fixture
def open_page(browser):
    """Open a report at a width, see `browser.opened`, and wait until its figures are drawn."""
    pages = []

    def open_report(path, width=1200, scheme="light"):
        page = chromium.opened(browser, path, width, scheme)
        pages.append(page)
        page.wait_for_function(
            "document.querySelectorAll('[data-figure]').length === document.querySelectorAll('[data-drawn] svg').length"
        )
        return page

    yield open_report
    for page in pages:
        page.context.close()


def test_figures_are_drawn_without_network_and_without_complaint(example_page, open_page):
    page = open_page(example_page)

    assert page.locator("[data-drawn] svg").count() >= 8
    assert page.complaints == []


def test_a_sentence_of_the_answer_leads_to_its_table_even_where_that_is_folded_away(make_run, open_page):
    models = ("squeezebert", "bert-base")
    record = example.efficiency_record("torch-cpu", models)
    back = [
        replace(m, subject=replace(m.subject, model=m.subject.baseline, baseline=m.subject.model), value=0.4)
        for m in record.findings.measurements
        if m.quantity == "speedup"
    ]
    back = [replace(m, ci_low=0.39, ci_high=0.41) for m in back]
    both = replace(record.findings, measurements=(*record.findings.measurements, *back))
    page = open_page(render(make_run([replace(record, findings=both)])))
    table = page.locator("#table-speedup-pairs")
    assert not table.is_visible()
    page.locator(".in-short a[href='#table-speedup-pairs']").click()
    table.wait_for(state="visible")
    assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_scrolls_sideways_on_a_phone(example_page, open_page, scheme):
    page = open_page(example_page, width=360, scheme=scheme)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize(
    "demands",
    [
        {},
        {"min_quality": 0.8},
        {"max_p99_ms": 60.0, "max_memory_bytes": 250e6},
        {"min_quality": 0.75, "max_p99_ms": 0.01},
        {"max_p90_ms": 50.0},
    ],
)
def test_the_pages_pick_is_the_commands_pick(example_run, example_page, open_page, demands):
    page = open_page(example_page)
    fields = {"quality": "min_quality", "p90": "max_p90_ms", "p99": "max_p99_ms", "memory": "max_memory_bytes"}
    for field, name in fields.items():
        if name in demands:
            value = demands[name] / 1e6 if field == "memory" else demands[name]
            page.fill(f"input[name={field}]", str(value))

    answer = page.locator("#answer")
    measured = example_run.measurements
    missing = unmeasured(example_run.absences, named(measured))
    best = pick(labelled(measured), systems(measured), missing, Demands(**demands)).best
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


def test_markup_in_a_notebook_formats_its_page_and_does_nothing_else(example_run, open_page):
    acts = (
        "<script>window.broken = 1</script><img src='https://example.org/x.png' onerror='window.broken = 1' alt='far'>"
        "<iframe src='data:text/html,x'></iframe><svg onload='window.broken = 1'></svg><form action='x'><input></form>"
        "<a href='javascript:window.broken = 1'>one</a><a href='data:text/html,x'>two</a>"
        "<b onclick='window.broken = 1' style='position: fixed'>bold</b><style>h1 { display: none }</style>"
    )
    output = nbformat.v4.new_output("display_data", data={"text/html": f"<table><th>In a head</th></table>{acts}"})
    text = nbformat.v4.new_output("stream", text=acts)
    cells = [nbformat.v4.new_markdown_cell(f"# A heading\n\n{acts}\n\n| a | b |\n| - | - |\n| 1 | 2 |")]
    cells.append(nbformat.v4.new_code_cell(f"# {acts}", outputs=[output, text]))
    record = example_run.records[0]
    run = example.write_run(example_run.folder.parent / "hostile", [record])
    nbformat.write(nbformat.v4.new_notebook(cells=cells), run.notebook_path(record.cell))
    page = open_page(render(run).parent / "notebooks" / f"{record.cell}.html")
    page.locator("b", has_text="bold").first.click()

    assert page.evaluate("window.broken") is None
    assert page.complaints == []
    assert page.locator("h1", has_text="A heading").is_visible()
    assert page.locator("th").all_inner_texts() == ["a", "b", "In a head"]
    assert (
        page.locator("script, iframe, svg, form, input, [style], [onclick], [onerror], img[src], a[href^=data]").count()
        == 0
    )


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
