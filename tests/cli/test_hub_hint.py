"""Where `quick` finds the hub it says in one line how to get real results; it waits for no more than a second."""

import socket
from time import monotonic

import pytest
from command_line import benchbench
from hub_server import serving
from huggingface_hub import constants

from benchbench.errors import InputError
from benchbench.execution import bench
from benchbench.models.hub_probe import HubProbe
from benchbench.suites.reading import shipped

TOLD = "the hub answers: real results by `make bench SUITE=checkpoints` and `make bench SUITE=glue-small`"


@pytest.fixture
def hub(tmp_path, monkeypatch):
    (tmp_path / "models" / "squeezebert" / "squeezebert-uncased").mkdir(parents=True)
    with serving(tmp_path) as address:
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        yield


@pytest.fixture
def begins(monkeypatch, capsys, tmp_path):
    """What `benchbench run` says before it begins to measure."""

    def stop(*_):
        raise InputError("it begins")

    monkeypatch.setattr(bench, "bench", stop)

    def said(*arguments):
        benchbench("run", *arguments, "--out", tmp_path / "run")
        printed = capsys.readouterr()
        return printed.out + printed.err

    return said


def test_quick_tells_how_to_get_real_results_where_the_hub_answers(hub, begins):
    said = begins("quick")
    assert TOLD in said
    assert said.index(TOLD) < said.index("it begins")
    assert {"checkpoints", "glue-small"} <= set(shipped())
    assert TOLD not in begins("offline")
    assert TOLD not in begins("quick", "--dry-run")


def test_the_hub_is_not_asked_where_it_is_switched_off(hub, begins, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert TOLD not in begins("quick")


def test_what_never_answers_is_waited_for_no_longer_than_a_second(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        began = monotonic()
        assert not HubProbe().answers()
        assert 0.9 < monotonic() - began < 2


def test_another_page_than_the_hubs_is_no_hub(hub, tmp_path, monkeypatch):
    with serving(tmp_path / "elsewhere") as address:
        monkeypatch.setattr(constants, "ENDPOINT", address)
        assert not HubProbe().answers()
