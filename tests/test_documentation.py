"""The pages say what is true: examples work, what they name exists, and the words that they use are explained."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import typer
import yaml
from command_line import benchbench
from example_runs import efficiency_record, write_run
from leaderboard_run import complete
from test_architecture import MAY_IMPORT, MODULES, VOCABULARY

from benchbench.cli import app, application
from benchbench.machine import Precision
from benchbench.quantities import Basis
from benchbench.quantities.metrics import TaskKind
from benchbench.records import FailureKind
from benchbench.report.claims.judging import VerdictKind
from benchbench.report.tables.table import FOOTNOTES
from benchbench.report.writing import write_report
from benchbench.runs import tidy
from benchbench.suites import reading
from benchbench.targets.catalogue import TargetRow, catalogue

ROOT = Path(__file__).parents[1]
README, CONTRIBUTING, TERMS = ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "docs" / "terms.md"
PAGES = [README, CONTRIBUTING, ROOT / "results" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# Run as they stand. The others need a hub, a cluster or minutes of measuring, or remove something: they are parsed.
RUN = {"targets new", *"cache compare export flops merge models pick report submission targets tasks verify".split()}
PLANNED = "run quick"  # what begins like this is run as far as its plan

COMMAND = re.compile(r"(?<![\w/.'\"{-])(?:\.venv/bin/)?benchbench (?P<words>[^\"|&;]+)")
MAKE = re.compile(r"(?:^|\s)make (?P<target>[a-z-]+)(?P<variables>(?: +[A-Z_]+=(?:\"[^\"]*\"|\S*))*)")
MAKEFILE = (ROOT / "Makefile").read_text()
MAKE_VARIABLES = set(re.findall(r"\$\(([A-Z_]+)\)", MAKEFILE))

WORDS = """
model, weights, place, lowering, task, kind, metric, twin, recipe, teacher, target, runtime, engine, device,
precision, session, prepared model, artefact, conformance kit, suite, block, study, plan, cell, step, run, run folder,
record, manifest, provenance, cache, quantity, subject, measurement, basis, absence, failure, interval, stable,
unstable, FLOP, MAC, query, latency p50, throughput, single-stream, offline, server, realistic, padding waste, race,
entrant, round, slice, turn, warm-up, speedup, baseline, GEMM peak, roofline, peak memory, energy, emissions, idle
power, claim, verdict, stand-in
"""


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """The language and the text of each fenced block."""
    yield from re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def lines(page: Path) -> Iterator[str]:
    """The lines of all fenced blocks, without comments, a continued one as a whole."""
    for _, text in blocks(page):
        for line in text.replace("\\\n", " ").splitlines():
            yield re.sub(r"(^|\s)#.*", "", line)


def spans(page: Path) -> list[str]:
    """What stands between backticks in running text and tables."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`\n]+)`", prose)


def verb(words: list[str]) -> tuple[str, typer.core.TyperCommand, list[str]]:
    """The verb, its parser and its arguments. Fails where there is no such verb."""
    command, names = typer.main.get_command(app), []
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words[0]]
        names.append(words[0])
        words = words[1:]
    assert names, f"no verb {words[:1]}"
    subcommand = [word for word in words if hasattr(command, "commands") and not word.startswith("-")]
    assert not subcommand, f"{names} has no {subcommand}"
    return " ".join(names), command, words


def parse(text: str) -> str:
    """The verb of a whole command line. Raises what its own parser raises."""
    name, command, words = verb(shlex.split(text))
    command.make_context(name, list(words))
    return name


def verbs() -> Iterator[str]:
    def below(command, path):
        for name, inner in getattr(command, "commands", {}).items():
            yield " ".join((*path, name))
            yield from below(inner, (*path, name))

    yield from below(typer.main.get_command(app), ())


EXAMPLES = sorted(
    {" ".join(m["words"].split()) for page in PAGES for line in lines(page) for m in COMMAND.finditer(line)}
)
MENTIONS = sorted({m["words"] for page in PAGES for span in spans(page) if (m := COMMAND.fullmatch(span))})
MAKES = sorted({m[0].strip() for page in PAGES for text in (*lines(page), *spans(page)) for m in MAKE.finditer(text)})


def test_every_verb_has_an_example():
    assert set(verbs()) == {parse(example) for example in EXAMPLES}


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_understood(example):
    parse(example)


@pytest.mark.parametrize("mention", MENTIONS)
def test_a_command_in_a_sentence_exists(mention):
    _, command, words = verb(shlex.split(mention))  # a sentence may leave out what the command needs
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= options


def is_run(example: str) -> bool:
    return example.startswith(PLANNED) or (parse(example) in RUN and "--clear" not in example)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder with all that the examples name."""
    folder = tmp_path_factory.mktemp("examples")
    write_report(write_run(folder / "results" / "quick"))
    for name in ("before", "after"):
        write_run(folder / "results" / name)
    for name in ("laptop", "server"):
        write_run(folder / "results" / name, [efficiency_record(name, ("bert-base", "squeezebert"), machine=name)])
    complete(folder / "results" / "leaderboard", scores=(0.6,))
    (folder / "mine.yaml").write_text(
        "- {id: mine, statement: It is fast., candidate: squeezebert, quantity: latency_p99, comparison: below, "
        "threshold: 50}\n"
    )
    return folder


@pytest.mark.parametrize("example", [e for e in EXAMPLES if is_run(e)])
def test_an_example_runs(example, runs, tmp_path, monkeypatch):
    shutil.copytree(runs, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert benchbench(*shlex.split(example), *(["--dry-run"] if parse(example) == "run" else [])) == 0


def test_exit_codes_and_answers_as_json_are_listed():
    page = (ROOT / "docs" / "commands.md").read_text()
    codes = {value for name, value in vars(application).items() if name.isupper() and isinstance(value, int)}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)} == codes | {0}
    without = {n for n in verbs() if not any("--json" in p.opts for p in verb(n.split())[1].params)}
    (said,) = re.findall(r"`--json` prints .*?\.\n", page, re.DOTALL)
    assert set(re.findall(r"`([a-z][a-z ]*)`", said)) == without


@pytest.mark.parametrize("line", MAKES)
def test_an_example_of_make_names_a_target_and_variables_that_exist(line):
    target, *variables = shlex.split(line.removeprefix("make "))
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)
    assert {name for name, _, _ in (v.partition("=") for v in variables)} <= MAKE_VARIABLES


@pytest.mark.parametrize("line", [line for line in MAKES if re.match(r"make (bench|report|targets|doctor)\b", line)])
def test_what_make_calls_is_understood(line):
    called = subprocess.run(
        ["make", "--dry-run", "--always-make", *shlex.split(line)[1:]],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = [m["words"] for text in called.splitlines() for m in COMMAND.finditer(text)]
    assert found
    assert all(parse(words) for words in found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_variable_in_a_sentence_exists(page):
    found = {m[1] for span in spans(page) if (m := re.match(r"([A-Z_]+)=", span))}
    assert found - {"HF_HUB_OFFLINE", "PIP_EXTRA_INDEX_URL"} <= MAKE_VARIABLES


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_link_leads_somewhere(page):
    broken = []
    for file, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", page.read_text()):
        target = page.parent / file if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(f"{file}#{anchor}")
    assert broken == []


def anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.*)", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_file_that_a_page_names_exists(page):
    rooms = "benchbench|tests|docs|notebooks|benchmarks|results/reference"
    named = {span for span in spans(page) if re.fullmatch(rf"(?:{rooms})/[\w./-]*", span)}
    assert {name for name in named if not (ROOT / name).exists()} == set()
    tests = {span for span in spans(page) if re.fullmatch(r"(?:[a-z]+/)*(?:test_\w+|kills)\.py", span)}
    assert {name for name in tests if not (ROOT / "tests" / name).exists() and not (ROOT / name).exists()} == set()


def test_every_fault_names_the_test_that_shows_it():
    _, _, table = CONTRIBUTING.read_text().partition("## What happens when something breaks")
    rows = [line for line in table.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) > 15
    assert [row for row in rows if ".py`" not in row.rpartition(" | ")[2]] == []


def test_the_map_names_every_room_and_nothing_else():
    _, _, table = README.read_text().partition("## Where things are")
    named = set(re.findall(r"^\| `(\S+/)`", table, re.MULTILINE))
    rooms = {f"benchbench/{path.parent.name}/" for path in (ROOT / "benchbench").glob("*/__init__.py")}
    assert {name for name in named if name.startswith("benchbench/") and name != "benchbench/"} == rooms
    assert {name for name in named if not (ROOT / name).is_dir()} == set()


def test_the_rules_of_imports_are_those_that_are_kept():
    _, _, page = CONTRIBUTING.read_text().partition("## How the code is laid out")
    rows = re.findall(r"^\| `(\w+)` \| .*? \| ([^|]*?) ?\|$", page, re.MULTILINE)
    said = {room: MAY_IMPORT[room] if may == "all rooms" else set(re.findall(r"`(\w+)`", may)) for room, may in rows}
    assert said == MAY_IMPORT
    (words,) = re.findall(r"^The vocabulary is .*?:\s(.*?)\.$", page, re.MULTILINE | re.DOTALL)
    files = {name.split(".")[1] for name in MODULES if name.count(".") == 1} - MAY_IMPORT.keys()
    assert set(re.findall(r"`(\w+)/?`", words)) == files | VOCABULARY


def test_the_readme_lists_the_targets_and_suites_that_are_shipped():
    listed = set(spans(README))
    assert set(catalogue()) <= listed
    assert {f"make bench SUITE={name}" for name in reading.shipped() if name != "quick"} <= listed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_an_example_in_yaml_is_accepted(page):
    for text in (text for language, text in blocks(page) if language == "yaml"):
        content = yaml.safe_load(text)
        if "runtime" in content:
            TargetRow.model_validate(content)
        elif "apiVersion" not in content:
            reading.parse(yaml.safe_dump({"name": "example", "title": "An example", **content}), "example")


def terms() -> list[str]:
    """The words that the page explains, without their names in code."""
    cells = re.findall(r"^\| ([^|]+) \| (?!means)", TERMS.read_text(), re.MULTILINE)
    plain = [re.sub(r"\s*\(.*\)", "", cell) for cell in cells if not cell.startswith("---")]
    return [word.strip() for cell in plain for word in cell.split(",")]


def test_every_word_is_explained_once():
    explained = terms()
    assert sorted(explained) == sorted(set(explained))
    wanted = {word.strip() for word in WORDS.replace("\n", " ").split(",")}
    wanted |= {basis.value for basis in Basis}
    assert wanted - set(explained) == set()


def test_every_column_of_the_table_of_measurements_is_explained():
    assert {f"`{column}`" for column in tidy.COLUMNS if f"`{column}`" not in TERMS.read_text()} == set()


def test_every_verdict_failure_kind_precision_and_mark_is_explained():
    text = TERMS.read_text().replace("\\", "")
    words = (*VerdictKind, *FailureKind, *get_args(TaskKind), *get_args(Precision), *FOOTNOTES)
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize("page", [README, CONTRIBUTING])
def test_a_reader_is_led_to_the_terms(page):
    assert "(docs/terms.md)" in page.read_text()
