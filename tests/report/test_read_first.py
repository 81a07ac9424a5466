"""Read first: what neighbours did to timings, and what energy is charged for."""

from dataclasses import replace

import example_runs as example

from benchbench.records import OTHER_PROCESSES, WHOLE_SOCKET
from benchbench.report.content import content


def said(make_run, quantity, notes, **changes):
    record = example.efficiency_record("cpu", ("bert-base", "squeezebert"))
    found = list(record.findings.measurements)
    places = [i for i, m in enumerate(found) if m.quantity == quantity]
    for i, note in zip(places, notes, strict=False):
        found[i] = replace(found[i], note=note, **changes)
    findings = replace(record.findings, measurements=tuple(found))
    return content(make_run([replace(record, findings=findings)]), (), {}).warnings


def test_neighbours_are_one_sentence_with_the_largest_share(make_run):
    notes = [f"12 % {OTHER_PROCESSES}", f"47 % {OTHER_PROCESSES}, 3 % of that to other machines on the same host"]
    warnings = said(make_run, "latency_p50", notes, stable=False)
    assert [text for text in warnings if OTHER_PROCESSES in text] == [
        f"Up to 47 % {OTHER_PROCESSES} while 2 values were measured. They are unstable (†), and may be far from what "
        "the machine does alone: repeat them when nothing else runs."
    ]
    assert not any("stayed wider" in text for text in warnings), "a larger budget would not help"


def test_energy_of_a_whole_socket_is_said(make_run):
    warnings = said(make_run, "energy_per_example", [f"a virtual machine is {WHOLE_SOCKET}"])
    assert any(text.startswith("A whole socket's TDP is charged in 1 values of energy") for text in warnings)


def test_a_quiet_machine_has_neither(make_run):
    warnings = said(make_run, "latency_p50", ["", ""])
    assert not any(OTHER_PROCESSES in text or "socket" in text for text in warnings)
