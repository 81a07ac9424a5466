"""Whatever a file holds, a parser answers with a value or with one clean line: never a traceback."""

import json
import os
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchbench import places
from benchbench.errors import InputError
from benchbench.execution.fingerprints import Fingerprints
from benchbench.execution.plan import plan
from benchbench.report.claims import claims
from benchbench.runs import codec, seal
from benchbench.runs.folder import Run
from benchbench.suites import reading
from benchbench.suites.selection import select, selection
from benchbench.targets import catalogue as targets
from benchbench.tasks import custom, sources
from benchbench.tasks import registry as tasks
from benchbench.tasks.custom import CustomTask

MANY = settings(
    max_examples=150 if os.environ.get("CI") else 50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SUITES = sorted(Path(reading.__file__).parent.glob("*.yaml"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.one_of(
    st.text(min_size=1, max_size=300),
    st.sampled_from(
        ["..", "../../x", "/etc/passwd", "a/b", "a\\b", "nul\0", "CON", "aux.txt", "🐝" * 80, "x" * 300, "-"]
    ),
).filter(lambda name: name == ".." or set(name) - set("/.~"))  # neither a whole disk nor a home folder


def clean(parse, *arguments):
    """The answer, or None after a clean error of one line."""
    try:
        return parse(*arguments)
    except InputError as error:
        line = str(error)
    assert "\n" not in line
    return None


def changed(content, where, value):
    """JSON `content` with the value at one of its places (the `where`-th, counted round) replaced or removed."""
    places = []

    def walk(node):
        if isinstance(node, dict | list):
            for key in node if isinstance(node, dict) else range(len(node)):
                places.append((node, key))
                walk(node[key])

    content = json.loads(json.dumps(content))
    walk(content)
    node, key = places[where % len(places)]
    node[key] = value
    return content


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """`..` is a model, a folder like any other: what lies there is read."""
    (tmp_path / "empty" / "empty").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "empty" / "empty")


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    for study in ("quality", "efficiency"):
        (folder / f"{study}.ipynb").write_text("{}")
    return folder


def planned(text, notebooks, **chosen):
    """What `benchbench run` does with a suite before it looks at the machine."""
    return plan(select(reading.parse(text, "any.yaml"), selection(**chosen)), Fingerprints("m", notebooks))


@MANY
@given(text=st.text() | JSON.map(yaml.safe_dump))
def test_any_text_as_a_suite(text):
    clean(reading.parse, text, "any.yaml")


@MANY
@given(path=st.sampled_from(SUITES), where=st.integers(0, 200), value=JSON | NAMES)
def test_a_suite_with_one_thing_changed_is_planned_or_explained(notebooks, path, where, value):
    content = changed(yaml.safe_load(path.read_text()), where, value)
    clean(planned, yaml.safe_dump(content), notebooks)


@MANY
@given(
    key=st.sampled_from(["models", "tasks", "targets", "data", "weights", "budget"]),
    value=NAMES | st.floats() | st.integers() | st.sampled_from(["local:", "~nobody/x", "squeezebert", "rte", "90s"]),
)
def test_any_choice_on_the_command_line(notebooks, key, value):
    value = (value,) if key in ("models", "tasks", "targets") else value
    clean(lambda: planned(SUITES[0].read_text(), notebooks, **{key: value}))


@MANY
@given(text=st.text() | JSON.map(json.dumps) | JSON.map(lambda x: seal.sealed({"schema": 1, "x": str(x)})))
def test_any_text_as_a_record(text):
    clean(codec.decode, text, Path("record.json"))


@pytest.fixture(scope="module")
def a_record(tmp_path_factory):
    from benchbench.quantities import Basis
    from benchbench.records import Absence, Findings, Measurement, Provenance, Record, Subject

    subject = Subject(model="m", weights="random", task="rte", data="synthetic", seed=0)
    findings = Findings((Measurement(subject, "accuracy", 0.5, Basis.MEASURED, 9, 0.4, 0.6),), (Absence(subject, "x"),))
    now = "2026-01-01T00:00:00+00:00"
    record = Record("cell", "quality", {"model": "m"}, now, now, Provenance(machine_id="a"), findings)
    return json.loads(codec.encode(record))


@MANY
@given(where=st.integers(0, 200), value=JSON)
def test_a_record_with_one_thing_changed_and_sealed_again(a_record, where, value):
    content = changed({k: v for k, v in a_record.items() if k != "sha256"}, where, value)
    try:
        text = seal.sealed(content)
    except ValueError:
        return  # not a finite number: cannot even be sealed
    clean(codec.decode, text, Path("record.json"))


@MANY
@given(content=st.binary(max_size=300) | JSON.map(lambda x: json.dumps(x).encode()))
def test_any_bytes_as_a_manifest(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    clean(lambda: Run.open(tmp_path).records)


@MANY
@given(content=st.binary(max_size=300) | JSON.map(lambda x: yaml.safe_dump(x).encode()))
def test_any_bytes_as_a_target_or_as_claims(tmp_path, content):
    path = tmp_path / "any.yaml"
    path.write_bytes(content)
    clean(targets.find, str(path))
    clean(claims.read, path)


@MANY
@given(where=st.integers(0, 20), value=JSON | NAMES)
def test_a_target_with_one_thing_changed(tmp_path, where, value):
    whole = {
        "name": "mine",
        "runtime": "torch-eager",
        "device": "cpu",
        "precision": "fp32",
        "threads": 1,
        "options": {},
    }
    path = tmp_path / "any.yaml"
    path.write_text(yaml.safe_dump(changed(whole, where, value)))
    found = clean(targets.find, str(path))
    assert found is None or targets.availability(found) is None or isinstance(targets.availability(found), str)


GLUE_LIKE = st.lists(st.lists(st.text(alphabet="ab\t\"'\\01.é\0", max_size=8), max_size=11), max_size=6).map(
    lambda rows: "\n".join("\t".join(row) for row in rows).encode()
)


@MANY
@given(
    name=st.sampled_from(["cola", "sst2", "mrpc", "stsb", "rte", "conll2003", "squad"]), content=GLUE_LIKE | st.binary()
)
def test_any_bytes_as_the_files_of_a_task(tmp_path, name, content):
    for file in (
        "train.tsv",
        "dev.tsv",
        "msr_paraphrase_train.txt",
        "train.txt",
        "valid.txt",
        "train-v1.1.json",
        "dev-v1.1.json",
    ):
        (tmp_path / file).write_bytes(content)
    clean(sources.load, tasks.find(name), places.local(tmp_path))


@MANY
@given(
    ending=st.sampled_from(["csv", "tsv", "jsonl", "json", "conll"]),
    content=GLUE_LIKE | st.binary() | JSON.map(lambda x: json.dumps(x).encode()),
    told=st.sampled_from(
        [
            {},
            {"encoding": "utf-16"},
            {"encoding": "latin-1"},
            {"separator": ";"},
            {"multi_label": True},
            {"tag_column": 2},
        ]
    ),
)
def test_any_bytes_as_the_table_of_a_task_of_ones_own(tmp_path, ending, content, told):
    path = tmp_path / f"own.{ending}"
    path.write_bytes(content)
    try:
        task = CustomTask.model_validate({"path": str(path), "text": "text", "label": "label", **told})
    except ValueError:
        return
    clean(custom.load, "own", task)


@MANY
@given(model=NAMES, task=NAMES, target=NAMES)
def test_no_name_leads_out_of_the_run_folder(tmp_path, model, task, target):
    text = (
        "name: s\ntitle: s\nquality: [{models: [m], tasks: [t], weights: random, data: synthetic}]\n"
        "efficiency: [{models: [m], targets: [t]}]\n"
    )
    for study in ("quality", "efficiency"):
        (tmp_path / f"{study}.ipynb").write_text("{}")
    run = Run(tmp_path / "run")
    cells = clean(lambda: planned(text, tmp_path, models=(model,), tasks=(task,), targets=(target,)))
    for cell in cells or ():
        for path in (run.record_path(cell.id), run.notebook_path(cell.id), run.predictions_path(cell.id)):
            assert path.parent.parent == run.folder
            assert path.resolve().is_relative_to(run.folder.resolve())
            assert len(path.name) < 128
            assert path.name.isascii()
            assert path.stem.split(".")[0].lower() not in {"con", "aux", "nul", "prn", "com1", "lpt1"}
