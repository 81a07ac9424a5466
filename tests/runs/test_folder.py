import json

import pytest

import benchbench
from benchbench.errors import InputError
from benchbench.quantities import Basis
from benchbench.records import Absence, Facts, Findings, Manifest, Measurement, Provenance, Record, Subject
from benchbench.runs.codec import decode
from benchbench.runs.folder import Run
from benchbench.runs.tidy import COLUMNS
from benchbench.runs.writer import RunWriter, write_tables


def record(cell: str = "quality-a", value: float = 0.5) -> Record:
    subject = Subject(model="squeezebert", weights="random", task="rte", data="local:RTE", seed=0)
    return Record(
        cell=cell,
        study="quality",
        parameters={"model": "squeezebert"},
        started="2026-01-01T00:00:00+00:00",
        finished="2026-01-01T00:01:00+00:00",
        provenance=Provenance(machine_id="abc"),
        findings=Findings(
            measurements=(
                Measurement(subject, "accuracy", value, Basis.MEASURED, samples=277, ci_low=0.4, ci_high=0.6),
            ),
            absences=(Absence(subject, "no meter"),),
            facts=Facts(convolutions={"squeezebert": {"depthwise": 0}}),
        ),
    )


@pytest.fixture
def run(tmp_path):
    return RunWriter.create(tmp_path / "run", Manifest("quick", cells=("quality-a", "quality-b")))


def test_a_record_comes_back_as_it_was_written(run):
    run.write_record(record())
    assert Run.open(run.folder).record("quality-a") == record()


def test_a_run_loads_as_one_tidy_table_with_units_and_intervals(run):
    run.write_record(record())
    run.write_record(record("quality-b", 0.75))
    table = benchbench.load(run.folder)
    assert tuple(table.columns) == COLUMNS
    assert list(table["value"]) == [0.5, 0.75]
    assert set(table["unit"]) == {"1"}
    assert table.loc[0, "machine"] == "abc"
    assert Run.open(run.folder).absences.loc[0, "reason"] == "no meter"


def test_a_record_with_one_changed_digit_is_not_believed(run):
    run.write_record(record())
    path = run.record_path("quality-a")
    path.write_text(path.read_text().replace("0.5", "0.9", 1))
    assert run.record("quality-a") is None
    with pytest.raises(InputError, match="does not match its hash"):
        decode(path.read_text(), path)


def test_a_record_cut_off_in_the_middle_counts_as_missing(run):
    run.write_record(record())
    path = run.record_path("quality-a")
    path.write_bytes(path.read_bytes()[:100])
    assert run.record("quality-a") is None


def test_records_outside_the_plan_stay_on_disk_but_out_of_the_table(run):
    run.write_record(record("quality-earlier-plan"))
    assert benchbench.load(run.folder).empty
    assert run.record("quality-earlier-plan") is not None


def test_the_same_table_lies_in_the_folder_as_csv_and_parquet(run):
    import pandas

    run.write_record(record())
    write_tables(Run.open(run.folder))
    csv = pandas.read_csv(run.folder / "measurements.csv")
    parquet = pandas.read_parquet(run.folder / "measurements.parquet")
    assert list(csv["value"]) == list(parquet["value"]) == [0.5]


def test_a_run_is_not_written_over_a_file_or_a_foreign_folder(tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        RunWriter.create(file, Manifest("quick"))
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="not a run folder"):
        RunWriter.create(foreign, Manifest("quick"))
    assert [p.name for p in foreign.iterdir()] == ["thesis.tex"]


def test_opening_something_that_is_no_run_says_so(tmp_path):
    with pytest.raises(InputError, match="not a run folder"):
        benchbench.load(tmp_path)


def test_a_value_that_is_not_finite_never_becomes_a_measurement():
    with pytest.raises(ValueError, match="not a finite number"):
        Measurement(Subject(model="m"), "accuracy", float("nan"), Basis.MEASURED)


def test_the_record_on_disk_names_each_unit(run):
    run.write_record(record())
    content = json.loads(run.record_path("quality-a").read_text())
    assert content["findings"]["measurements"][0]["unit"] == "1"
