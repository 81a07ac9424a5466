"""Starting anew: the earlier run is moved aside, and nothing of it is lost."""

from dataclasses import replace

import light_run
import pytest

from benchbench.execution.bench import bench
from benchbench.report.writing import write_without_report
from benchbench.runs.verification import problems

ONE_CELL = light_run.QUALITY_CELLS.replace("[0, 1]", "[0]").replace(", sst2-synthetic", "")


def run(out, fresh=False):
    prepared = light_run.preparation(out, text=ONE_CELL)
    prepared = replace(prepared, request=replace(prepared.request, fresh=fresh))
    assert len(prepared.kept) == (1 if (out / "manifest.json").exists() and not fresh else 0)
    bench(prepared, light_run.Silent(), write_without_report)


def content(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def out(tmp_path):
    run(tmp_path / "results" / "run")
    return tmp_path / "results" / "run"


def test_a_fresh_run_measures_again_and_leaves_the_earlier_one_beside_it_untouched(out):
    before = content(out)
    run(out, fresh=True)
    (aside,) = out.parent.glob("run.*")
    assert content(aside) == before
    assert problems(aside) == problems(out) == ()
    (record,) = (name for name in before if name.parts[0] == "records")
    assert content(out)[record] != before[record]  # the time of its measurement
