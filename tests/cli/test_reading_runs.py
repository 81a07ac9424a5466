"""Verbs that read runs, with their exit codes: compare, merge, pick, export, report, verify."""

import json

import example_runs as example
import pytest
import yaml
from command_line import benchbench

import benchbench as package

MODELS = ("bert-base", "squeezebert")


@pytest.fixture
def make(tmp_path):
    def run(name, *records):
        return example.write_run(tmp_path / name, records or None).folder

    return run


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A small complete run with its report."""
    folder = example.write_run(tmp_path_factory.mktemp("whole") / "run").folder
    assert benchbench("report", folder) == 0
    return folder


def at_pace(pace, **more):
    return example.efficiency_record("cpu", MODELS, pace, **more)


def one_line(capsys):
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_a_run_compared_with_itself_has_no_regression(make, capsys):
    folder = make("a")
    assert benchbench("compare", folder, folder, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["compared"] > 100
    assert found["regressions"] == []


def test_a_slower_run_is_a_regression_and_ends_with_code_1(make, capsys):
    before, after = make("before", at_pace(1.0)), make("after", at_pace(1.5))
    assert benchbench("compare", before, after, "--json") == 1
    regressions = json.loads(capsys.readouterr().out)["regressions"]
    assert {"latency_p50", "throughput"} <= {each["quantity"] for each in regressions}
    assert all(each["worse"] and abs(each["relative"]) == pytest.approx(0.5, abs=0.2) for each in regressions)
    assert benchbench("compare", before, after) == 1
    assert "regression" in capsys.readouterr().out


def test_a_faster_run_and_one_within_the_threshold_end_with_code_0(make):
    before, slower = make("before", at_pace(1.0)), make("slower", at_pace(1.5))
    assert benchbench("compare", slower, before) == 0
    assert benchbench("compare", before, slower, "--threshold", "0.9") == 0


def test_another_machines_times_are_a_regression_only_when_asked_for(make):
    before, after = make("before", at_pace(1.0)), make("after", at_pace(1.5, machine="machine-b"))
    assert benchbench("compare", before, after) == 0
    assert benchbench("compare", before, after, "--across-machines") == 1


def test_comparing_with_what_is_no_run_is_one_line(make, tmp_path, capsys):
    assert benchbench("compare", make("a"), tmp_path / "nothing") == 2
    assert "nothing" in one_line(capsys)


def test_merged_runs_are_one_run_with_a_report(make, tmp_path):
    runs = make("a", at_pace(1.0)), make("b", example.efficiency_record("gpu", MODELS, 0.1, machine="machine-b"))
    out = tmp_path / "both"
    assert benchbench("merge", *runs, "--out", out) == 0
    assert set(package.load(out)["target"].dropna()) == {"cpu", "gpu"}
    assert (out / "report" / "index.html").is_file()
    assert benchbench("verify", out) == 0


def test_merging_into_what_exists_or_one_run_alone_is_refused(make, tmp_path, capsys):
    one, two = make("a", at_pace(1.0)), make("b", at_pace(2.0))
    before = sorted(two.rglob("*"))
    assert benchbench("merge", one, two, "--out", two) == 2
    assert "exists already" in one_line(capsys)
    assert sorted(two.rglob("*")) == before
    assert benchbench("merge", one, "--out", tmp_path / "alone") == 2
    assert "at least two" in one_line(capsys)


def test_pick_names_the_model_and_target_that_meet_the_demands(make, capsys):
    folder = make("a")
    assert benchbench("pick", folder, "--min-quality", 0.75, "--json") == 0
    best = json.loads(capsys.readouterr().out)["best"]
    assert (best["model"], best["target"]) == ("squeezebert", "onnxruntime-cpu-int8")
    assert benchbench("pick", folder, "--min-quality", 0.75) == 0
    assert "squeezebert on onnxruntime-cpu-int8" in capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize("share", ["99%", "0.99", "99 %"])
def test_a_quality_to_keep_is_a_share_of_the_best_in_fp32(make, capsys, share):
    folder = make("a")
    assert benchbench("pick", folder, "--keep", share, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["floor"] == pytest.approx(0.99 * found["best_fp32"])
    assert found["best"]["quality"] >= found["floor"]


def test_a_share_that_is_none_is_one_line(make, capsys):
    assert benchbench("pick", make("a"), "--keep", "99") == 2
    assert "such as 99%" in one_line(capsys)


def test_pick_counts_training_for_so_many_requests_at_a_price(make, capsys):
    folder = make("a")
    assert benchbench("pick", folder, "--requests", "10M", "--price", 0.4, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    seconds = found["best"]["costs"]["time"]
    assert found["requests"] == 10e6
    in_all = seconds["fixed"] + 10e6 * seconds["each"]["value"]
    assert found["best"]["total"]["money"] == pytest.approx(0.4 * in_all / 3600)
    assert benchbench("pick", folder, "--requests", "10M") == 0
    assert "in all, training and requests" in capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize("wrong", [("--requests", "10X"), ("--requests", "-5"), ("--price", 0.4)])
def test_requests_that_pick_cannot_count_are_one_line(make, capsys, wrong):
    assert benchbench("pick", make("a"), *wrong) == 2
    assert "10" in one_line(capsys)


def test_bounds_of_pick_are_in_milliseconds_and_megabytes(make, capsys):
    folder = make("a")

    def fitting(*bounds):
        assert benchbench("pick", folder, *bounds, "--json") == 0
        found = json.loads(capsys.readouterr().out)
        return {(each["model"], each["target"]) for each in found["fitting"]}

    # p99 of squeezebert: 52.5 ms, 26 ms in int8 and 49 ms on openvino-cpu; its memory: 240 or 160 MB, tiny's: 24 MB.
    tiny = {("squeezebert-tiny", "openvino-cpu"), ("squeezebert-tiny", "torch-cpu")}
    assert fitting("--max-p99", 50) == tiny | {("squeezebert", "onnxruntime-cpu-int8"), ("squeezebert", "openvino-cpu")}
    assert fitting("--max-memory", 100) == tiny
    assert fitting("--max-memory", 1) == set()


def test_export_prints_a_model_card_that_yaml_reads(make, capsys):
    folder = make("a")
    assert benchbench("export", folder, "--model-card", "squeezebert") == 0
    card = next(yaml.safe_load_all(capsys.readouterr().out))
    assert card["model-index"][0]["name"] == "squeezebert"
    assert benchbench("export", folder, "--model-card", "squeezbert") == 2
    assert "squeezebert" in one_line(capsys)


def test_report_writes_the_page_again_with_claims_of_ones_own(whole, tmp_path):
    claims = tmp_path / "claims.yaml"
    claims.write_text(
        "- {id: mine, statement: Mine is the smallest of all., candidate: squeezebert, baseline: bert-base,\n"
        "   quantity: parameters, comparison: ratio_below, threshold: 1}\n"
    )
    page = whole / "report" / "index.html"
    page.unlink()
    assert benchbench("report", whole, "--claims", claims) == 0
    assert "Mine is the smallest of all." in page.read_text()
    assert benchbench("verify", whole) == 0


def test_verify_ends_with_0_for_a_whole_run_and_with_2_for_a_changed_one(whole, capsys):
    capsys.readouterr()
    assert benchbench("verify", whole, "--json") == 0
    assert json.loads(capsys.readouterr().out)["problems"] == []
    page = whole / "report" / "report.md"
    text = page.read_text()
    page.write_text(text + "more")
    assert benchbench("verify", whole, "--json") == 2
    page.write_text(text)
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert str(page) in problem
    assert benchbench("verify", whole / "report") == 2


def test_two_targets_of_one_run_are_compared_with_the_examples_that_flip(make, capsys):
    folder = make("a")
    assert benchbench("compare", folder, "--between", "torch-cpu,onnxruntime-cpu-int8", "--examples", 3) == 0
    shown = capsys.readouterr().out
    assert "-0.050" in shown
    assert "Examples that flip" in shown
    assert benchbench("compare", folder, "--between", "fp32,onnxruntime-cpu-int8", "--json") == 0
    (contrast,) = json.loads(capsys.readouterr().out)["contrasts"]
    assert contrast["change"]["change"]["value"] == pytest.approx(-0.05)


def test_the_examples_that_flip_are_in_the_json_where_they_are_asked_for(make, capsys):
    two_sides = ("compare", make("a"), "--between", "fp32,onnxruntime-cpu-int8", "--json")
    assert benchbench(*two_sides, "--examples", 3) == 0
    (shown,) = json.loads(capsys.readouterr().out)["flips"].values()
    assert len(shown) == 3
    for flip in shown:
        assert flip["gain"] == -1
        assert flip["before"] == flip["truth"] != flip["after"]
    assert benchbench(*two_sides) == 0
    assert "flips" not in json.loads(capsys.readouterr().out)

    assert benchbench("compare", make("b"), make("c"), "--json", "--examples", 3) == 0
    flips = json.loads(capsys.readouterr().out)["flips"]
    assert list(flips.values()) == [[]] * len(flips) != []  # the same answers


@pytest.mark.parametrize(
    ("more", "says"), [([], "takes a second run"), (["--between", "a"], "two names"), (["--between", "a,b"], "unknown")]
)
def test_a_comparison_that_lacks_a_side_is_one_line(make, capsys, more, says):
    assert benchbench("compare", make("a"), *more) == 2
    assert says in one_line(capsys)
