"""One small suite through the command line, as a user runs it: cells, records, tables, report, going on, failing."""

import json
from contextlib import redirect_stdout
from io import StringIO

import pytest
import torch

import benchbench
from benchbench.cli import main
from benchbench.models.loading import build
from benchbench.models.source import ModelSource
from benchbench.tasks import synthetic

SUITE = """\
name: small
title: The smallest suite that does everything
budget: 3s
quality:
  - {models: [squeezebert-tiny], tasks: [sst2-synthetic], weights: "local:BROKEN", data: synthetic}
  - models: [squeezebert-tiny]
    tasks: [sst2-synthetic]
    weights: random
    data: synthetic
    training: {epochs: 1, examples: 256, learning_rate: 1.0e-3, batch_size: 32, evaluations: 1}
efficiency:
  - {models: [squeezebert-tiny, bert-tiny], targets: [onnxruntime-cpu, torch-cuda], batch_sizes: [1], processes: 2}
"""


def run(*arguments):
    with pytest.raises(SystemExit) as stopped:
        main(["run", *arguments])
    return stopped.value.code


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A folder with the suite and weights of a model whose loss is no number."""
    folder = tmp_path_factory.mktemp("workspace")
    model = build(ModelSource("squeezebert-tiny"))
    torch.nn.init.constant_(model.classifier.bias, float("nan"))
    model.save_pretrained(folder / "broken")
    synthetic.tokenizer().save_pretrained(folder / "broken")
    (folder / "small.yaml").write_text(SUITE.replace("BROKEN", str(folder / "broken")))
    return folder


SECRETS = {
    "HF_TOKEN": "hf_planted0token0planted",
    "AWS_SECRET_ACCESS_KEY": "planted/aws/key/0123456789",
    "USER": "zaphodbeeblebrox",
    "LOGNAME": "zaphodbeeblebrox",
    "SOME_PASSWORD": "planted-password-42",
}


@pytest.fixture(scope="module")
def ended(workspace):
    """The folder of a run of which one cell failed, what was printed, and the exit code."""
    out = workspace / "run"
    home = workspace / "home-of-zaphod"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as printed:
        for name, value in {**SECRETS, "HOME": str(home)}.items():
            patch.setenv(name, value)
        code = run(str(workspace / "small.yaml"), "--out", str(out))
    return out, " ".join(printed.getvalue().split()), code


@pytest.fixture(scope="module")
def finished(ended):
    return ended[0]


def test_no_file_of_a_run_holds_a_secret_a_user_name_or_a_home_folder(finished):
    planted = [value.encode() for value in (*SECRETS.values(), "home-of-zaphod", str(finished.parent))]
    for path in (p for p in finished.rglob("*") if p.is_file()):
        content = path.read_bytes()
        found = [secret for secret in planted if secret in content]
        assert not found, f"{path} holds {found}"


def test_a_finished_run_verifies_and_a_changed_one_does_not(finished, capsys):
    def verify():
        with pytest.raises(SystemExit) as stopped:
            main(["verify", str(finished)])
        return stopped.value.code

    assert verify() == 0
    report = finished / "report" / "report.md"
    text = report.read_text()
    report.write_text(text.replace("1", "2", 1))
    assert verify() == 2
    assert str(report) in "".join(capsys.readouterr().out.split())
    report.write_text(text)


def test_a_run_ends_with_a_report_and_its_tables(finished):
    for name in ("report/index.html", "report/report.md", "measurements.csv", "measurements.parquet", "manifest.json"):
        assert (finished / name).stat().st_size > 0


def test_quality_and_efficiency_meet_in_one_table(finished):
    table = benchbench.load(finished)
    quantities = set(table["quantity"])
    assert quantities >= {"accuracy", "train_time", "flops", "parameters", "latency_p50", "throughput"}
    assert quantities >= {"peak_memory", "roofline_fraction"}
    assert set(table["weights"].dropna()) == {"random"}
    assert set(table["data"].dropna()) == {"synthetic"}


def test_every_measured_quality_has_an_interval_around_its_value(finished):
    accuracy = benchbench.load(finished).query("quantity == 'accuracy'").iloc[0]
    reach = 1.96 * (accuracy.value * (1 - accuracy.value) / accuracy.samples) ** 0.5  # of a share, by the binomial
    assert accuracy.ci_high - accuracy.ci_low == pytest.approx(2 * reach, rel=0.2)
    assert accuracy.ci_low < accuracy.value < accuracy.ci_high


def test_a_target_that_is_not_there_is_shown_with_its_reason(finished):
    text = (finished / "report" / "report.md").read_text()
    manifest = json.loads((finished / "manifest.json").read_text())
    assert "torch-cuda" in text
    assert manifest["unavailable_targets"]["torch-cuda"] in text


def test_energy_that_could_not_be_measured_is_absent_with_a_reason(finished):
    from benchbench.runs.folder import Run

    reasons = Run.open(finished).absences["reason"]
    assert reasons.str.contains("10 s").any()


def test_each_latency_has_a_p99_or_says_how_many_queries_that_takes(finished):
    from benchbench.runs.folder import Run

    def timed(table, quantity):
        rows = table[table["quantity"] == quantity]
        names = ("cell", "target", "model", "batch_size", "sequence_length", "lengths")
        known = rows[list(names)].astype(object)
        return set(known.where(known.notna(), "").itertuples(index=False, name=None))

    table, absences = benchbench.load(finished), Run.open(finished).absences
    few = absences[absences["reason"].str.match(r"needs 299 queries, has \d")]
    assert timed(table, "latency_p50") == timed(table, "latency_p99") | timed(few, "latency_p99")
    assert not timed(table, "latency_p99") & timed(few, "latency_p99")


def test_each_record_knows_where_it_came_from(finished):
    for path in (finished / "records").glob("*.json"):
        provenance = json.loads(path.read_text())["provenance"]
        assert provenance.keys() >= {"suite_sha256", "notebook_sha256", "benchbench", "commit", "versions", "machine"}
        assert provenance["versions"]["torch"]


def test_running_again_keeps_what_is_finished(finished, workspace, capsys):
    before = {path: path.stat().st_mtime_ns for path in (finished / "records").glob("*.json")}
    assert run(str(workspace / "small.yaml"), "--out", str(finished)) == 3  # the failed one is kept as well
    assert "4 of 4 cells are finished and kept" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in (finished / "records").glob("*.json")} == before


def test_a_dry_run_prints_the_plan_and_writes_nothing(finished, workspace, capsys):
    assert run(str(workspace / "small.yaml"), "--out", str(workspace / "other"), "--dry-run") == 0
    out = capsys.readouterr().out
    assert "squeezebert-tiny on sst2-synthetic" in out
    assert not (workspace / "other").exists()


def test_a_plan_says_what_is_kept_and_that_fresh_keeps_nothing(finished, workspace, capsys):
    for options, said in (((), "4 cells, 4 finished"), (("--fresh",), "4 cells, 0 finished")):
        assert run(str(workspace / "small.yaml"), "--out", str(finished), "--dry-run", *options) == 0
        assert said in " ".join(capsys.readouterr().out.split())
    assert [path.name for path in workspace.glob("run*")] == ["run"]


def test_a_model_is_kept_on_demand_alone_and_its_cell_is_run_again_for_it(finished, workspace, capsys):
    assert not list(finished.rglob("*.safetensors"))
    assert run(str(workspace / "small.yaml"), "--out", str(finished), "--dry-run", "--keep-models") == 0
    assert "4 cells, 3 finished" in " ".join(capsys.readouterr().out.split())


def test_strict_refuses_a_missing_target_before_anything_runs(workspace, capsys):
    assert run(str(workspace / "small.yaml"), "--out", str(workspace / "strict"), "--strict") == 2
    assert "torch-cuda is not available" in capsys.readouterr().err
    assert not (workspace / "strict").exists()


def test_a_cell_that_fails_is_recorded_and_the_rest_goes_on(ended):
    folder, printed, code = ended
    assert code == 3
    records = [json.loads(path.read_text()) for path in (folder / "records").glob("*.json")]
    assert [record["study"] for record in records if not record["failure"]].count("efficiency") == 2
    (failure,) = (record["failure"] for record in records if record["failure"])
    assert len(records) == 4
    assert failure["kind"] == "diverged"
    assert "the loss is nan at step 1" in failure["reason"]
    assert failure["reason"] in printed
    assert "the loss is nan at step 1" in (folder / "report" / "report.md").read_text()
