"""How the numbers of a run were made, in its report."""

from dataclasses import replace

import example_runs as example
import pytest

from benchbench.records import Facts, RaceFacts
from benchbench.report.content import content


def methods(run):
    sections = {section.key: section for section in content(run, (), {}).sections}
    (table,) = (table for table in sections["provenance"].tables if table.key == "methods")
    return {row[0].text: row[1].text for row in table.rows}


@pytest.mark.parametrize(
    ("processes", "said"), [((4, 8), "4 to 8 of at most 8 processes"), ((5, 5), "5 of at most 8 processes")]
)
def test_what_was_allowed_and_what_the_races_took_stands_with_their_method(make_run, processes, said):
    records = [
        replace(
            record, findings=replace(record.findings, facts=Facts(races=(RaceFacts(target, ran, 8, 10.0, 25.0, 60),)))
        )
        for target, ran in zip(("cpu-eager", "cpu-other"), processes, strict=True)
        for record in [example.efficiency_record(target, ("bert-base", "squeezebert"))]
    ]
    text = methods(make_run(records))["Speedup"]
    assert said in text
    assert "20 of 50 s for 120 rounds" in text
