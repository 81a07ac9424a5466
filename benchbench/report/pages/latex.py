r"""Tables for a paper: LaTeX with booktabs (`\usepackage{booktabs}`)."""

from __future__ import annotations

from benchbench.report.tables.table import Entry, Table

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "–": "--",
    "†": r"\textsuperscript{\dag}",
    "*": r"\textsuperscript{*}",
    "×": r"$\times$",
    "✓": r"$\surd$",
    "✗": r"$\times$",
    "◐": r"$\sim$",
    "○": r"$\circ$",
    "µ": r"$\mu$",
    "≥": r"$\ge$",
    "≤": r"$\le$",
    "−": "$-$",
}


def latex_table(table: Table) -> str:
    """`table` as a floating table, its notes below it."""
    spec = "".join("r" if column.numeric else "l" for column in table.columns)
    head = " & ".join(escaped(column.heading) for column in table.columns)
    rows = [" & ".join(_text(entry) for entry in row) + r" \\" for row in table.rows]
    notes = [rf"\par\footnotesize {escaped(note)}" for note in table.notes]
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{escaped(table.title)}}}",
            rf"\label{{tab:{table.key}}}",
            rf"\begin{{tabular}}{{{spec}}}",
            r"\toprule",
            rf"{head} \\",
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            *notes,
            r"\end{table}",
            "",
        ]
    )


def _text(entry: Entry) -> str:
    interval = f" ({entry.interval})" if entry.interval else ""
    return escaped(f"{entry.text}{entry.marks}{interval}")


def escaped(text: str) -> str:
    """Text that LaTeX sets as it is."""
    return "".join(_SPECIAL.get(character, character) for character in " ".join(text.split()))
