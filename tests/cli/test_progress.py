"""What a person sees of a run, from its events alone: no run, no cluster."""

import io
import re
from dataclasses import replace

import pytest
from example_runs import absent_record, efficiency_record
from rich.console import Console

from benchbench.cli.terminal import CellBar
from benchbench.execution.estimate import Expected
from benchbench.execution.plan import Cell
from benchbench.execution.progress import CellEnded, CellStarted, Pace, Step, StepEnded, StepStarted
from benchbench.records import Failure, FailureKind
from benchbench.suites.schema import EfficiencyParameters

CELLS = [
    Cell(name, "efficiency", f"on {name}", EfficiencyParameters(target="torch-cpu", models=("bert-tiny",)))
    for name in "abcd"
]


def record_of(cell, seconds, failure=None):
    started, finished = "2026-01-01T10:00:00+00:00", f"2026-01-01T10:{seconds // 60:02}:{seconds % 60:02}+00:00"
    return replace(absent_record("x", "x"), cell=cell.id, started=started, finished=finished, failure=failure)


def expected_of(cells=CELLS, seconds=60.0):
    return [Expected("efficiency", 0.0, seconds) for _ in cells]


def pace_of(cells=CELLS, seconds=60.0):
    return Pace({cell.id: each for cell, each in zip(cells, expected_of(cells, seconds), strict=True)})


def test_in_turn_the_time_left_follows_how_long_cells_take():
    pace = pace_of()
    pace.start(CELLS[0], 0)
    assert pace.seconds_left(0) == 240
    assert pace.seconds_left(30) == 210, "what a cell has had is spent"
    pace.end(record_of(CELLS[0], 120))
    assert pace.seconds_left(120) == pytest.approx(360, rel=0.1), "twice the estimate, three times over"
    pace.start(CELLS[1], 120)
    assert pace.seconds_left(180) == pytest.approx(300, rel=0.1)


def test_side_by_side_the_places_share_what_is_left():
    pace = pace_of()
    pace.start(CELLS[0], 0)
    pace.start(CELLS[1], 0)
    assert pace.seconds_left(0) == 120
    pace.end(record_of(CELLS[0], 60))
    pace.end(record_of(CELLS[1], 60))
    assert pace.seconds_left(60) == 60


def test_a_cell_that_takes_longer_than_thought_leaves_no_negative_time():
    pace = pace_of(CELLS[:1])
    pace.start(CELLS[0], 0)
    assert pace.seconds_left(1000) == 0


def test_a_cell_that_failed_or_that_nothing_could_run_is_done_and_tells_nothing_of_the_pace():
    pace = pace_of()
    pace.end(record_of(CELLS[0], 0, Failure(FailureKind.NOT_RUN, "no node offers 1 GPU")))
    pace.end(record_of(CELLS[1], 600, Failure(FailureKind.TIME_LIMIT, "it hung")))
    assert pace.seconds_left(0) == 120


def test_what_a_suite_asks_for_is_not_stretched_on_a_slow_machine():
    pace = Pace({cell.id: Expected("efficiency", 100.0, 10.0) for cell in CELLS[:2]})
    pace.end(record_of(CELLS[0], 150))
    assert pace.seconds_left(0) == pytest.approx(150, rel=0.1)


# Seconds that cells of `quick` took on two machines, in the order in which they ran: kind, asked for, taken.
SLOW = [
    *[("efficiency", 37.5, 141), ("deployment", 6, 116), ("deployment", 6, 96), ("quality", 0, 50), ("quality", 0, 63)],
    *[("quality", 0, 38), ("quality", 0, 48), ("efficiency", 37.5, 162), ("efficiency", 37.5, 129)],
    ("efficiency", 37.5, 130),
]
QUICK = [
    *[("efficiency", 30, 62), ("deployment", 6, 48), ("deployment", 6, 43), ("quality", 0, 18), ("quality", 0, 23)],
    *[("quality", 0, 15), ("quality", 0, 20), ("efficiency", 30, 75), ("efficiency", 30, 58), ("efficiency", 8, 9)],
]
CANNOT_RUN = 8  # seconds of a cell that only says why
GUESSED = {"efficiency": 52.0, "deployment": 70.0, "quality": 22.0}
"""Other seconds of a cell of each kind, as they stood in the plan: those of neither machine."""


@pytest.mark.parametrize("taken", [SLOW, QUICK], ids=["slow", "quick"])
@pytest.mark.parametrize("wrong", [{}, {"efficiency": 2.0}, {"quality": 0.5, "deployment": 0.6}], ids=str)
def test_from_the_third_cell_on_the_time_left_is_right_within_30_per_cent(taken, wrong):
    cells = [replace(CELLS[0], id=str(number)) for number in range(len(taken))]
    pace = Pace(
        {
            cell.id: Expected(kind, asked, GUESSED[kind] * wrong.get(kind, 1.0) if asked != CANNOT_RUN else 0.0)
            for cell, (kind, asked, _) in zip(cells, taken, strict=True)
        }
    )
    now, total, off = 0.0, sum(seconds for _, _, seconds in taken), {}
    for number, (cell, (_, _, seconds)) in enumerate(zip(cells, taken, strict=True), 1):
        pace.start(cell, now)
        off[number] = pace.seconds_left(now) / (total - now) - 1
        now += seconds
        pace.end(record_of(cell, seconds))
    assert {number: error for number, error in off.items() if number >= 3 and abs(error) > 0.3} == {}


@pytest.fixture
def told():
    """`told(*events, terminal)`: what a person has seen in the terminal after these events."""

    def lines(*events, terminal=False):
        console = Console(file=io.StringIO(), force_terminal=terminal, width=120)
        with CellBar(console, CELLS, expected_of(), clock=lambda: 0.0) as bar:
            for event in events:
                bar.tell(event)
        return console.file.getvalue()

    return lines


def test_each_cell_is_told_with_its_own_duration_whenever_its_record_comes(told):
    a, b, c, _ = CELLS
    text = told(
        CellEnded(c, record_of(c, 0, Failure(FailureKind.NOT_RUN, "no node offers 1 GPU"))),
        CellStarted(a),
        CellStarted(b),
        CellEnded(b, record_of(b, 90)),
        CellEnded(a, record_of(a, 61, Failure(FailureKind.ERROR, "it broke"))),
    )
    assert text.splitlines() == [
        "  not run: efficiency: on c: no node offers 1 GPU",
        "[2/4] efficiency: on a (about 03:00 left)",
        "[3/4] efficiency: on b (about 01:30 left)",
        "  done:   efficiency: on b in 01:30",
        "    not measured: x: x",
        "  failed: efficiency: on a after 01:01: it broke",
    ]


def test_what_a_cell_found_is_told_as_it_ends_in_a_terminal_and_in_a_log(told):
    found = replace(efficiency_record("torch-cpu", ("squeezebert", "bert-base")), cell=CELLS[0].id)
    for terminal in (False, True):
        text = told(CellStarted(CELLS[0]), CellEnded(CELLS[0], found), terminal=terminal)
        text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", text)
        assert "    squeezebert is 2.86× (2.77–2.94) as fast as bert-base on torch-cpu, 1 × 128" in text


def test_a_terminal_shows_the_step_that_the_notebook_is_at(told):
    cell, step = CELLS[0], Step(3, 9, "Latency and throughput")
    started = (CellStarted(cell), StepStarted(cell, step))
    assert "step 3 of 9: Latency and throughput" in told(*started, terminal=True)
    assert "step 3" not in told(*started)
    assert "step 3" not in told(*started, StepEnded(cell, step), terminal=True)
