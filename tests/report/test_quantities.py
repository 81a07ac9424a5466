"""What is known of a quantity reaches the reader: each value that a run holds is shown, with the way it was made."""

from dataclasses import replace
from itertools import pairwise

import example_runs as example
import pytest

from benchbench.quantities import QUANTITIES, SCORES, Basis
from benchbench.records import MIXED, REALISTIC, Measurement, Subject
from benchbench.report.pages.render import render

WHERE = {
    "flops_share": {"layer": "linear"},
    "latency_share": {"layer": "linear"},
    "instances_gain": {"instances": "2x1"},
    "instances_memory": {"instances": "2x1"},
    "padding_waste": {"lengths": REALISTIC, "task": "rte", "data": "local:x", "sequence_length": None},
}
OF_SYSTEMS = {"score_change", "agreement", "artefact_bytes", "cold_start", "prepare_time"}
OF_REQUESTS = {"text_latency_p50", "text_latency_p90", "text_latency_p99", "tokenisation_share", "tokenisation_energy"}
NOT_ON_DISK = {"accuracy_mismatched", "glue_score", "score"}  # made by the report from others


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A report of a run with one value of every quantity that a record can hold."""
    timed = Subject(model="squeezebert", weights="random", target="cpu", batch_size=1, sequence_length=128)
    trained = Subject(model="squeezebert", weights="random", task="sst2", data="local:x", seed=0)
    quality, efficiency = example.quality_record("squeezebert", "sst2", 0.8), example.efficiency_record("cpu", ())
    values = {"quality": [], "efficiency": []}
    for number, name in enumerate(QUANTITIES.keys() - NOT_ON_DISK):
        of_training = name in {*SCORES} | OF_SYSTEMS | OF_REQUESTS or name.startswith(("train_", "truncated_"))
        subject = trained if of_training else replace(timed, **WHERE.get(name, {}))
        if name in OF_SYSTEMS | OF_REQUESTS:
            subject = replace(trained, target="cpu", lengths=REALISTIC if name in OF_REQUESTS else None)
        if name == "batching_speedup":
            subject = replace(subject, lengths=MIXED, batching="by count, sorted", baseline="by count, as they come")
        if name == "speedup":
            subject = replace(subject, baseline="bert-base")
        measurement = Measurement(subject, name, 1.5 + number / 1000, Basis.MEASURED)
        values["quality" if of_training else "efficiency"].append(measurement)
    records = [
        replace(record, findings=replace(record.findings, measurements=tuple(values[record.study])))
        for record in (quality, efficiency)
    ]
    run = example.write_run(tmp_path_factory.mktemp("everything") / "run", records)
    return render(run).with_name("report.md").read_text()


def test_every_value_of_a_run_is_in_its_report(everything):
    lines = everything.splitlines()
    heads = [line for line, rule in pairwise(lines) if rule.startswith("| ---")]
    columns = {entry.strip().partition(" (")[0] for head in heads for entry in head.split("|")}
    titles = {name: QUANTITIES[name].title for name in QUANTITIES.keys() - NOT_ON_DISK}
    shown = {name for name, title in titles.items() if any(c == title or c.endswith(f": {title}") for c in columns)}
    by_what_they_compare = {"speedup", "batching_speedup"}  # their columns are headed by models and by baselines
    assert titles.keys() - shown == by_what_they_compare
    assert "## Speedup" in everything or "Speedup\n" in everything


def test_every_value_of_a_run_has_its_method_in_the_report(everything):
    for quantity in QUANTITIES.values():
        if quantity.name not in NOT_ON_DISK:
            assert f"| {quantity.method.title} | {quantity.method.text} |" in everything


def test_the_speedups_interval_is_described_as_it_is_made():
    assert "Student" in QUANTITIES["speedup"].method.text
    assert "bootstrap" not in QUANTITIES["speedup"].method.text
