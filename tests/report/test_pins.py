"""A report says which libraries are not of the version that the checkout pins."""

from dataclasses import replace

import example_runs as example

from benchbench.execution.software import pins_not_kept
from benchbench.report.content import content


def warnings(make_run, installed, pins):
    record = example.efficiency_record("cpu", ("bert-base", "squeezebert"))
    made = replace(record.provenance, versions=installed, pins=pins)
    return content(make_run([replace(record, provenance=made)]), (), {}).warnings


def test_another_version_of_what_bears_on_numbers_is_named_with_its_pin(make_run):
    installed = {"torch": "2.11.0+cu130", "rich": "14.0.0"}
    said = warnings(make_run, installed, {"torch": "2.13.0", "rich": "15.0.0"})

    assert "Other versions than the pinned ones: torch 2.11.0+cu130 (pinned: 2.13.0)." in said


def test_nothing_is_said_where_the_pins_are_kept(make_run):
    assert not any("pinned" in text for text in warnings(make_run, {"torch": "2.13.0+cpu"}, {}))


def test_a_build_of_the_pinned_version_is_that_version():
    found = pins_not_kept({"torch": "2.13.0+cpu", "Transformers": "1.0", "a-library-of-mine": "3"})
    assert list(found) == ["Transformers"]
