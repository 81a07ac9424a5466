"""A report as Markdown, for a repository's page."""

from __future__ import annotations

import re
from collections.abc import Mapping

from benchbench.report.choice import options
from benchbench.report.content import Content, Section
from benchbench.report.tables.table import Entry, Table, shortened

MOST_ROWS = 60


def page(content: Content, pictures: Mapping[str, str]) -> str:
    """`content` as GitHub-flavoured Markdown. `pictures`: each figure's file, relative to the page."""
    lines = [f"# {escaped(content.title)}", "", *_answer(content)]
    lines += [f"{escaped(line)}\n" for line in content.introduction]
    if content.warnings:
        lines += ["**Read first**", "", *(f"- {escaped(warning)}" for warning in content.warnings), ""]
    for section in content.sections:
        lines += _section(section, pictures)
    return "\n".join(lines).rstrip() + "\n"


def _answer(content: Content) -> list[str]:
    """The sentences that a report begins with, each with a link to the heading over its evidence."""
    if not content.answer:
        return []
    titles = {section.key: section.title for section in content.sections}
    for section in content.sections:
        titles |= {f"table-{table.key}": table.title for table in (*section.tables, *section.folded)}
    said = []
    for headline in content.answer:
        title = titles.get(headline.evidence)
        said.append(f"- {escaped(headline.text)}." + (f" [Evidence](#{_anchor(title)})" if title else ""))
    return ["**In short**", "", *said, ""]


def _anchor(title: str) -> str:
    """As GitHub makes it from a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _section(section: Section, pictures: Mapping[str, str]) -> list[str]:
    lines = [f"## {escaped(section.title)}", ""]
    if section.text:
        lines += [escaped(section.text), ""]
    for figure in section.figures:
        if figure.key in pictures:
            lines += [
                f"![{escaped(figure.description)}]({pictures[figure.key]})",
                "",
                f"*{escaped(figure.caption)}*",
                "",
            ]
    if section.choice:
        lines += [markdown_table(shortened(options.options(section.choice, options.MOST_SHOWN), MOST_ROWS)), ""]
    for table in (*section.tables, *section.folded):
        if table.title != section.title:
            lines += [f"### {escaped(table.title)}", ""]
        lines += [markdown_table(shortened(table, MOST_ROWS)), ""]
    return lines


def markdown_table(table: Table) -> str:
    """One table with its notes below."""
    head = _row([column.heading for column in table.columns])
    rule = "| " + " | ".join("---:" if column.numeric else "---" for column in table.columns) + " |"
    rows = ["| " + " | ".join(_text(entry) for entry in row) + " |" for row in table.rows]
    notes = ["", *(f"{escaped(note)}  " for note in table.notes)] if table.notes else []
    return "\n".join([head, rule, *rows, *notes])


def _text(entry: Entry) -> str:
    interval = f" ({entry.interval})" if entry.interval else ""
    text = escaped(f"{entry.text}{entry.marks}{interval}")
    return f"[{text}]({entry.link})" if entry.link else text


def _row(texts: list[str]) -> str:
    return "| " + " | ".join(escaped(text) for text in texts) + " |"


def escaped(text: str) -> str:
    """Text that Markdown and the HTML in it leave as it is."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|!#])", r"\\\1", " ".join(text.split()))
