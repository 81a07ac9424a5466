"""A place is parsed once, written in three forms, and found wherever a suite has it."""

import json
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchbench import places
from benchbench.errors import InputError
from benchbench.execution.redaction import redaction
from benchbench.models import zoo
from benchbench.places import Contents, Place, by_name, in_full, places_in, written
from benchbench.suites.reading import parse
from benchbench.suites.schema import EfficiencyParameters

SUITE = """\
name: small
title: A small suite
tasks:
  own: {{path: "{own.csv}", evaluation: "{dev.csv}"}}
quality:
  - models: ["{model}"]
    tasks: [rte, own]
    weights: "local:{weights}"
    data: "local:{data}"
    training: {{distillation: {{teacher: "local:{teacher}"}}}}
    per_task:
      rte: {{distillation: {{teacher: "local:{other}"}}}}
efficiency:
  - models: [squeezebert, "{model}"]
    targets: ["{target.yaml}", torch-cpu]
    against: ["{against.py}"]
    weights: "local:{weights}"
    scenarios: {{realistic: {{task: rte, data: "local:{texts}"}}}}
"""
FILES = ("own.csv", "dev.csv", "target.yaml", "against.py")
FOLDERS = ("model", "weights", "data", "teacher", "other", "texts")

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = st.text(alphabet=string.ascii_letters + string.digits + " _-+@é", min_size=1, max_size=12).map(
    lambda word: f"q{word}q"
)


def lay(folder: Path, content="x"):
    """Everything that the suite names, below `folder`; the suite that names it."""
    where = {}
    for name in (*FILES, *FOLDERS):
        path = folder / name if name in FILES else folder / f"a-{name}"
        file = path if name in FILES else path / "inner" / "file.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{content} {name}")
        where[name] = path
    text = SUITE
    for name, path in where.items():
        text = text.replace(f"{{{name}}}", str(path))
    return parse(text.replace("{{", "{").replace("}}", "}"), "small.yaml"), where


def test_every_place_of_a_suite_is_found(tmp_path):
    suite, where = lay(tmp_path)
    assert {place.path for place in places_in(suite)} >= set(where.values())


@FEW
@given(secret=WORDS)
def test_neither_a_name_nor_a_hash_tells_a_path_and_a_kernel_is_told_all(tmp_path, secret):
    suite, where = lay(tmp_path / secret)
    for form in (by_name, Contents().hash):
        text = json.dumps(written(suite, form), ensure_ascii=False)
        assert secret not in text
        assert str(tmp_path) not in text
    told = json.dumps(written(suite, in_full), ensure_ascii=False)
    assert all(str(path) in told for path in where.values())


@FEW
@given(before=WORDS, after=WORDS, changed=st.sampled_from((*FILES, *FOLDERS)))
def test_moved_files_are_the_same_and_a_changed_byte_is_another(tmp_path_factory, before, after, changed):
    folder = tmp_path_factory.mktemp("places")
    suite, _ = lay(folder / before)
    identity = written(suite, Contents().hash)
    moved, where = lay(folder / f"{after}-moved")
    assert written(moved, Contents().hash) == identity
    path = where[changed] if changed in FILES else where[changed] / "inner" / "file.txt"
    path.write_bytes(path.read_bytes() + b"!")
    assert written(moved, Contents().hash) != identity


def test_two_folders_of_one_name_are_two_things(tmp_path):
    one, other = (places.weights(f"local:{tmp_path}/{side}/model") for side in ("a", "b"))
    for place, text in ((one, "1"), (other, "2")):
        place.path.mkdir(parents=True)
        (place.path / "config.json").write_text(text)
    assert one.name == other.name == "local:model"
    assert Contents().hash(one) != Contents().hash(other)


def test_what_is_relative_and_what_is_at_home_becomes_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "minilm").mkdir()
    (tmp_path / "squeezebert").mkdir()
    assert places.weights("local:a/../b").path == tmp_path / "b"
    assert places.data("local:~/glue").path == tmp_path / "home" / "glue"
    assert places.target("mine.yaml").path == tmp_path / "mine.yaml"
    assert zoo.place("minilm").path == tmp_path / "minilm"
    assert zoo.place("./missing").path == tmp_path / "missing"
    assert zoo.place("local:minilm").path == tmp_path / "minilm"
    assert zoo.place("squeezebert") == Place("squeezebert"), "a name of the zoo is no folder"
    assert zoo.place("org/model") == Place("org/model")
    assert zoo.teacher("local:minilm").name == "local:minilm"


def test_a_kernel_that_works_in_another_folder_reads_the_same_places(tmp_path, monkeypatch):
    suite, _ = lay(tmp_path)
    block = suite.efficiency[0]
    parameters = EfficiencyParameters(target=block.targets[0], against=block.against, models=block.models)
    told = written(parameters, in_full)
    monkeypatch.chdir("/")
    assert EfficiencyParameters.model_validate(json.loads(json.dumps(told))) == parameters


def test_a_file_that_is_not_there_has_no_identity(tmp_path):
    with pytest.raises(InputError, match=r"no file or folder .*none"):
        Contents().hash(places.bare(tmp_path / "none"))


def hide(text, *private, run="/tmp/results"):
    return redaction([places.bare(Path(path)) for path in private], Path(run)).text(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/tmp/x.csv", "./x.csv"),
        ("/tmp", "."),
        ("in /tmp.", "in .."),
        ("/tmpfoo and /tmp-2/x and /tmp.old", "/tmpfoo and /tmp-2/x and /tmp.old"),
        ("/var/tmp/x", "/var/tmp/x"),
        ("-I/tmp/include 'file:///tmp/x'", "-I./include 'file://./x'"),
        ("\x1b[32m/tmp/x\x1b[0m", "\x1b[32m./x\x1b[0m"),
        ("/tmp/results/records", "<run>/records"),
    ],
)
def test_a_path_is_replaced_whole_or_not_at_all(monkeypatch, text, said):
    monkeypatch.setattr(Path, "cwd", lambda: Path("/tmp"))
    assert hide(text) == said


def test_a_private_folder_keeps_its_name_alone_even_behind_a_link(tmp_path):
    real, link = tmp_path / "alice smith" / "models", tmp_path / "link"
    real.mkdir(parents=True)
    link.symlink_to(real)
    assert hide(f"{link}/a and {real}/b", str(link)) == "link/a and link/b"
