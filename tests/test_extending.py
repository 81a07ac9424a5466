"""One of each thing that CONTRIBUTING.md says can be added, added where it says, and seen by a user."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Addition:
    """`text` goes into `file` where `before` stands, before it; without `before` to the end, or into a new file."""

    file: str
    text: str
    before: str = ""

    def make(self, folder: Path) -> None:
        path = folder / self.file
        old = path.read_text() if path.exists() else ""
        if self.before:
            assert old.count(self.before) == 1, f"{self.file}: {self.before!r}"
            path.write_text(old.replace(self.before, self.text + self.before))
        else:
            path.write_text(old + self.text)


MODEL = Addition(
    "benchbench/models/zoo.py",
    '    ModelRow("bert-nano", "BERT, one layer", "bert", config={**_TINY, "num_hidden_layers": 1}),\n',
    before='    ModelRow("bert-tiny"',
)
TASK = Addition(
    "benchbench/tasks/registry.py",
    """    Task(
        name="irony",
        title="Irony",
        kind="classification",
        metrics=("balanced_accuracy",),
        labels=("meant", "not_meant"),
        local=TsvLayout("Irony", text_columns=("sentence",), label_column="label"),
    ),
""",
    before=")\n\n_ANSWERING_TASKS = (",
)
METRIC = [
    Addition(
        "benchbench/quantities/metrics.py",
        """def balanced(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    classes = set(truth.tolist())
    return sum(float((predictions[truth == c] == c).mean()) for c in classes) / len(classes)


""",
        before="_CLASSES: tuple[TaskKind, ...]",
    ),
    Addition(
        "benchbench/quantities/metrics.py",
        '        Metric(_score("balanced_accuracy", "Balanced accuracy"), _CLASSES, (), balanced),\n',
        before='        Metric(_score("exact_match"',
    ),
]
RUNTIME = [
    Addition(
        "benchbench/targets/runtimes/abacus_runtime.py",
        """class Abacus:
    name = "abacus"

    def unavailable(self, target):
        return "no abacus is connected"
""",
    ),
    Addition(
        "benchbench/targets/catalogue.yaml",
        "  abacus: benchbench.targets.runtimes.abacus_runtime:Abacus\n",
        before="\ntargets:\n",
    ),
    Addition("benchbench/targets/catalogue.yaml", "  - {name: abacus-cpu, runtime: abacus}\n"),
]
TARGET = Addition(
    "benchbench/targets/catalogue.yaml", "  - {name: torch-one-thread, runtime: torch-eager, threads: 1}\n"
)
QUANTITY = [
    Addition(
        "benchbench/quantities/measured.py",
        """    Quantity(
        "load_time", "s", "lower", "Time to load", Method("Loading", "From the file to the first answer."), _RUN
    ),
""",
        before='    Quantity("train_loss"',
    ),
    Addition("benchbench/report/tables/resources.py", '"load_time", ', before='"weights_memory", "activation_memory"'),
]
SETTING = Addition(
    "benchbench/suites/schema.py",
    "    patience: int = Field(1, ge=1, le=9)\n",
    before="    scenarios: Scenarios = Scenarios()\n",
)
CLAIM = Addition(
    "benchbench/report/claims/claims.yaml",
    """
- id: small
  statement: One layer is small.
  candidate: bert-nano
  quantity: parameters
  comparison: below
  threshold: 1.0e+6
""",
)
FIGURE = [
    Addition(
        "benchbench/report/figures/loading.py",
        """import altair as alt

from benchbench.report.figures.charts import complete, inline
from benchbench.report.view import estimates


def loading(view):
    rows = [{"model": who, "s": value.value} for (who,), value in estimates(view, "load_time", ("who",)).items()]
    if not rows:
        return None
    chart = alt.Chart(inline(rows)).mark_bar().encode(x="s:Q", y="model:N")
    return complete("loading", "Time to load", "Left is better.", rows, chart)
""",
    ),
    Addition(
        "benchbench/report/figures/__init__.py",
        "from benchbench.report.figures.loading import loading\n",
        before="from benchbench.report.figures.quality import",
    ),
    Addition("benchbench/report/content.py", "figures.loading(view), ", before="figures.memory(view)"),
]
VERB = Addition(
    "benchbench/cli/listing.py",
    """

@app.command()
def metrics() -> None:
    \"\"\"List the metrics.\"\"\"
    from benchbench.quantities import METRICS

    print("\\n".join(METRICS))
""",
)
ADDITIONS = [MODEL, TASK, *METRIC, *RUNTIME, TARGET, *QUANTITY, SETTING, CLAIM, *FIGURE, VERB]

TICKETS = "message,team\n" + "\n".join(f"the machine in room {n} is broken,{'ab'[n % 2]}" for n in range(20))
SUITE = """\
name: mine
title: All that is new
tasks:
  tickets: {path: tickets.csv, text: message, label: team, metrics: [balanced_accuracy]}
quality:
  - {models: [bert-nano], tasks: [tickets], weights: random}
efficiency:
  - models: [bert-nano]
    targets: [torch-one-thread, abacus-cpu, engine.py]
    patience: 3
"""
ENGINE = """
from benchbench.targets.protocol import Target
from benchbench.targets.runtimes.torch_eager import TorchEager

RUNTIME = TorchEager
TARGET = Target(name="engine", runtime=__file__)
"""
SESSION = """
import contextlib, io, json, sys
from example_runs import default_records, efficiency_record, quality_record, write_run
from dataclasses import replace
from pathlib import Path
from benchbench.cli import main
from benchbench.execution.bench import Request, prepare
from benchbench.quantities import Basis
from benchbench.records import Measurement, Subject
from benchbench.suites.selection import Selection

def with_values(record, *values):
    return replace(record, findings=replace(record.findings, measurements=tuple(
        Measurement(subject, quantity, value, Basis.MEASURED) for subject, quantity, value in values)))

nano = Subject(model="bert-nano", weights="random")
loaded = replace(nano, target="torch-one-thread", batch_size=1, sequence_length=128)
solved = replace(nano, task="tickets", data="local:tickets.csv", seed=0)
records = [
    with_values(quality_record("squeezebert", "tickets", 0.5), (solved, "balanced_accuracy", 0.625)),
    with_values(efficiency_record("torch-one-thread", ()), (nano, "parameters", 5e5), (loaded, "load_time", 1.25)),
]
write_run(Path("run"), [*default_records(), *records])

def call(*arguments):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as end:
            return {"code": end.code, "out": out.getvalue(), "err": err.getvalue()}

said = {
    "models": call("models", "--json"),
    "flops": call("flops", "bert-nano", "--sequence-length", "8", "--json"),
    "tasks": call("tasks", "--json"),
    "targets": call("targets", "--json"),
    "plan": call("run", "suite.yaml", "--dry-run"),
    "strict": call("run", "suite.yaml", "--dry-run", "--strict"),
    "wrong": call("run", "wrong.yaml", "--dry-run"),
    "report": call("report", "run"),
    "metrics": call("metrics"),
}
cells = prepare(Request("suite.yaml", Selection())).cells
said["parameters"] = [cell.parameters.model_dump(mode="json") for cell in cells]
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the package with all additions, and beside it what a user would write."""
    folder = tmp_path_factory.mktemp("extended")
    shutil.copytree(ROOT / "benchbench", folder / "benchbench", ignore=shutil.ignore_patterns("__pycache__"))
    for addition in ADDITIONS:
        addition.make(folder)
    (folder / "tickets.csv").write_text(TICKETS)
    (folder / "suite.yaml").write_text(SUITE)
    (folder / "wrong.yaml").write_text(SUITE.replace("patience: 3", "patience: 10"))
    (folder / "engine.py").write_text(ENGINE)
    return folder


@pytest.fixture(scope="module")
def said(folder):
    """What the commands print, by verb."""
    path = os.pathsep.join((str(folder), str(ROOT / "tests" / "support")))
    done = subprocess.run(
        [sys.executable, "-c", SESSION],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(folder / "cache"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def report(folder, said):
    assert said["report"]["code"] == 0, said["report"]["err"]
    return (folder / "run" / "report" / "report.md").read_text()


def rows(answer, key):
    """The rows that a verb printed as JSON, by their first column."""
    assert answer["code"] == 0, answer["err"]
    return {row[key]: row for row in json.loads(answer["out"])}


def test_a_model_is_a_row(said, report):
    assert rows(said["models"], "model")["bert-nano"]["title"] == "BERT, one layer"
    assert json.loads(said["flops"]["out"])["agree"]
    assert "| bert-nano | 0.5" in report


def test_a_task_is_a_row_or_a_table_of_ones_own(said, report):
    assert rows(said["tasks"], "task")["irony"]["metrics"] == "balanced_accuracy"
    assert "bert-nano on tickets, seed 0" in said["plan"]["out"]
    assert "tickets: Balanced accuracy" in report


def test_a_metric_is_a_function_and_a_row(said, report):
    assert said["parameters"][0]["custom"]["metrics"] == ["balanced_accuracy"]
    assert "0.625" in report


def test_a_target_is_an_entry(said, report):
    row = rows(said["targets"], "target")["torch-one-thread"]
    assert (row["runtime"], row["available"]) == ("torch-eager", "yes")
    assert "1 models on torch-one-thread" in said["plan"]["out"]
    assert "| torch-one-thread | bert-nano |" in report


def test_a_runtime_is_a_class_shipped_or_in_a_file_of_ones_own(said):
    assert rows(said["targets"], "target")["abacus-cpu"]["available"] == "no: no abacus is connected"
    assert "1 models on engine" in said["plan"]["out"]
    assert (said["strict"]["code"], said["strict"]["err"].count("\n")) == (2, 1)
    assert "no abacus is connected" in said["strict"]["err"]


def test_a_quantity_is_a_row_and_its_name_in_a_table(report):
    assert "| Loading | From the file to the first answer. |" in report
    (head,) = [line for line in report.splitlines() if "Time to load (s)" in line]
    assert "Peak memory" in head
    assert "1.25" in report


def test_a_setting_of_a_suite_is_a_line(said):
    efficiency = [parameters for parameters in said["parameters"] if "target" in parameters]
    assert {parameters["patience"] for parameters in efficiency} == {3}
    assert said["wrong"]["code"] == 2
    assert "wrong.yaml, line 10: efficiency.0.patience" in said["wrong"]["err"]


def test_a_claim_is_an_entry(report):
    assert "| One layer is small. | ✓ supported |" in report


def test_a_figure_is_a_function_and_its_place(folder, report):
    assert "(figures/loading.png)" in report
    assert (folder / "run" / "report" / "figures" / "loading.png").stat().st_size > 1000


def test_a_verb_is_a_function(said):
    assert "balanced_accuracy" in said["metrics"]["out"].split()
