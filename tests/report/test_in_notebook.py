"""The report in a notebook."""

from example_runs import quality_record

from benchbench.report import in_notebook


def test_a_report_is_read_as_the_run_is_now(make_run):
    first = make_run([quality_record("squeezebert", "sst2-synthetic", 0.5)])
    before = in_notebook.read(str(first.folder)).overview.html
    make_run([quality_record("squeezebert", "sst2-synthetic", 0.9)])
    after = in_notebook.read(str(first.folder)).overview.html
    assert "0.50" in before
    assert "0.90" in after
    assert "0.50" not in after


def test_verdicts_and_figures_are_there(example_run):
    report = in_notebook.read(example_run.folder)
    assert "<table" in report.verdicts.html
    assert report.figures.html.count('src="data:image/png;base64,') >= 8
    assert report.figures.html.count("<figcaption>") == report.figures.html.count("<img")
