"""What a service meets, in the report."""

from dataclasses import replace

import example_runs as example
import pytest

from benchbench.quantities import Basis
from benchbench.records import MIXED, REALISTIC, Absence, Findings, Measurement, Subject
from benchbench.report import figures
from benchbench.report.content import content
from benchbench.report.tables import resources, service, speed
from benchbench.report.view import labelled, unmeasured


@pytest.fixture
def run(make_run):
    model = Subject(model="squeezebert", weights="random", target="torch-cpu", batch_size=8)
    texts = replace(model, task="rte", data="local:x", lengths=REALISTIC)
    measurements = (
        Measurement(replace(texts, scenario="single-stream"), "latency_p50", 40.0, Basis.MEASURED, 30, 39.0, 41.0),
        Measurement(replace(texts, scenario="offline"), "padding_waste", 0.31, Basis.COUNTED, 30),
        Measurement(replace(texts, baseline="bert-base"), "speedup", 1.8, Basis.MEASURED, 30, 1.75, 1.85),
        Measurement(
            replace(model, batch_size=1, sequence_length=128, scenario="server"),
            "server_rate",
            9.6,
            Basis.MEASURED,
            400,
            note="p99 within 300 ms: 280 ms in 400 queries",
        ),
        Measurement(
            replace(model, batch_size=None, sequence_length=128, scenario="offline"),
            "largest_batch",
            24,
            Basis.MEASURED,
        ),
    )
    absences = (Absence(measurements[0].subject, "needs 299 queries, has 30", "latency_p99"),)
    base = example.efficiency_record("torch-cpu", ("bert-base", "squeezebert"))
    return make_run([replace(base, findings=Findings((*base.findings.measurements, *measurements), absences))])


def texts_of(table):
    return [{column.title: cell.text for column, cell in zip(table.columns, row, strict=True)} for row in table.rows]


def test_rate_and_largest_batch_stand_in_one_row_with_how_the_rate_was_found(run):
    table = service.service(labelled(run.measurements))
    (row,) = texts_of(table)
    assert row["Largest batch in the memory limit"] == "24"
    assert row["Queries per second within the p99 bound"].startswith("9.6")
    assert any("280 ms in 400 queries" in note for note in table.notes)


def test_texts_of_a_task_have_their_own_table(run):
    view = labelled(run.measurements)
    (row,) = texts_of(service.realistic(view, unmeasured(run.absences, view)))
    assert row["Latency p99"] == "needs 299 queries, has 30"
    assert row["Texts of"] == "rte"
    assert row["Padding waste"].startswith("31")


def test_speedups_on_texts_do_not_mix_with_those_of_fixed_shapes(run):
    view = labelled(run.measurements)
    (row,) = texts_of(service.realistic_speedups(view))
    assert row["squeezebert"].startswith("1.80")
    shown = [cell.text for line in speed.speedup(view).rows for cell in line]
    assert not any(text.startswith("1.80") for text in shown)


def test_the_section_is_there_only_where_it_was_measured(run, make_run):
    def titles(of):
        return [section.key for section in content(of, (), {}).sections]

    assert "service" in titles(run)
    assert "service" not in titles(make_run([example.efficiency_record("torch-cpu", ("bert-base", "squeezebert"))]))


SORTED, COUNTED = "by tokens, sorted", "by count, as they come"


@pytest.fixture
def mixed(make_run):
    """A model that is faster with sorted texts, and its tokens per second at two lengths."""
    model = Subject(model="squeezebert", weights="random", target="torch-cpu", scenario="offline")
    ways = [replace(model, lengths=MIXED, batching=way) for way in (COUNTED, SORTED)]
    waste = [
        Measurement(way, "padding_waste", value, Basis.COUNTED, 20, note=f"20 texts in {batches} batches")
        for way, value, batches in zip(ways, (0.5, 0.1), (5, 4), strict=True)
    ]
    speedup = Measurement(
        replace(ways[1], baseline=COUNTED), "batching_speedup", 1.75, Basis.MEASURED, 9, ci_low=1.7, ci_high=1.8
    )
    at_lengths = [
        Measurement(
            replace(model, batch_size=1, sequence_length=length),
            "token_throughput",
            rate,
            Basis.MEASURED,
            9,
            ci_low=0.9 * rate,
            ci_high=1.1 * rate,
        )
        for length, rate in ((128, 2500.0), (512, 1500.0))
    ]
    base = example.efficiency_record("torch-cpu", ("bert-base", "squeezebert"))
    findings = Findings((*base.findings.measurements, *waste, speedup, *at_lengths))
    return labelled(make_run([replace(base, findings=findings)]).measurements)


def test_each_way_of_batching_has_a_row_with_what_it_gains(mixed):
    counted, sorted_ = texts_of(service.mixed_lengths(mixed))
    assert (counted["Batches"], counted["Padding waste"]) == (COUNTED, "50")
    assert (sorted_["Batches"], sorted_["Padding waste"]) == (SORTED, "10")
    assert (counted[f"Speedup over {COUNTED}"], sorted_[f"Speedup over {COUNTED}"]) == ("–", "1.75")
    assert service.mixed_lengths(mixed).notes == (
        f"{COUNTED}: 20 texts in 5 batches.",
        f"{SORTED}: 20 texts in 4 batches.",
    )


def test_mixed_lengths_do_not_mix_with_other_shapes(mixed):
    shown = [cell.text for line in speed.speedup(mixed).rows for cell in line]
    assert not any(text.startswith("1.75") for text in shown)


def test_tokens_per_second_are_drawn_over_the_length_with_their_intervals(mixed):
    figure = figures.tokens(mixed)
    (points,) = figure.spec["datasets"].values()
    assert [[round(row[name]) for name in ("tokens", "rate_low", "rate", "rate_high")] for row in points] == [
        [128, 2250, 2500, 2750],
        [512, 1350, 1500, 1650],
    ]
    assert figures.tokens(mixed[mixed["sequence_length"].ne(512)]) is None


@pytest.fixture
def filled(fillings):
    return fillings()


@pytest.fixture
def fillings(make_run):
    """Three ways to share two cores, of which one died."""
    return lambda stable=True: make_run([_filled(stable)])


def _filled(stable):
    subject = Subject(
        model="squeezebert",
        weights="random",
        target="torch-cpu",
        scenario="instances",
        batch_size=1,
        sequence_length=128,
    )
    found = []
    for instances, rate, gain in (("1x2", 20.0, None), ("2x1", 26.0, 1.3)):
        one = replace(subject, instances=instances)
        found.append(Measurement(one, "throughput", rate, Basis.MEASURED, 6, rate - 1, rate + 1))
        found.append(Measurement(one, "latency_p50", 70.0, Basis.MEASURED, 300, 69.0, 71.0))
        found.append(Measurement(one, "latency_p90", 77.0, Basis.MEASURED, 300, 76.0, 79.0))
        found.append(Measurement(replace(one, batch_size=None), "instances_memory", 4e8, Basis.MEASURED))
        if gain:
            found.append(Measurement(one, "instances_gain", gain, Basis.MEASURED, 6, gain - 0.05, gain + 0.05, stable))
    died = Absence(replace(subject, instances="1x2 queue", batch_size=None), "ended with code 7")
    base = example.efficiency_record("torch-cpu", ("bert-base", "squeezebert"))
    return replace(base, findings=Findings((*base.findings.measurements, *found), (died,)))


def test_each_way_to_share_the_cores_has_a_row_and_one_that_died_a_note(filled):
    view = labelled(filled.measurements)
    table = service.instances(view, unmeasured(filled.absences, view))
    one, two = texts_of(table)
    assert (one["Processes x threads"], two["Processes x threads"]) == ("1x2", "2x1")
    assert two["Over one process with all cores"].startswith("1.30")
    assert one["Over one process with all cores"] == "–"
    assert two["Latency p90"].startswith("77")
    assert two["Memory of all processes"] == "400"
    assert any("squeezebert on torch-cpu, 1x2 queue: ended with code 7" in note for note in table.notes)


def test_processes_that_share_the_cores_do_not_mix_with_one_alone(filled):
    view = labelled(filled.measurements)
    alone = view[view["instances"].eq("")]
    missing = unmeasured(filled.absences, view)
    assert speed.details(view, missing) == speed.details(alone, missing)
    assert resources.energy(view) == resources.energy(alone)


def answers(run):
    return [headline.text for headline in content(run, (), {}).answer if headline.evidence == "table-instances"]


def test_the_report_begins_with_the_way_that_wins(filled):
    assert answers(filled) == [
        "squeezebert on torch-cpu in batches of 1 has 1.30× (1.25–1.35) the throughput as 2x1 that it has as one "
        "process with all cores"
    ]


def test_a_gain_beside_a_neighbour_is_not_claimed(fillings):
    assert answers(fillings(stable=False)) == [
        "No other way to share the cores is shown to raise the throughput of squeezebert"
    ]
