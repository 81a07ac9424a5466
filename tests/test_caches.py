"""What is kept between runs: listed, cleared, and never taken from under a run that fills it."""

import json
import re

import pytest

from benchbench import caches
from benchbench.cli import main
from benchbench.errors import InputError


@pytest.fixture
def user_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(caches, "user_cache_path", lambda *_, **__: tmp_path / "user")
    return tmp_path / "user"


@pytest.fixture
def filled(user_cache):
    (user_cache / "prepared" / "a-model").mkdir(parents=True)
    (user_cache / "prepared" / "a-model" / "weights").write_bytes(bytes(3_000_000))
    (user_cache / "tokens").mkdir()
    (user_cache / "tokens" / "a-task.arrow").write_bytes(bytes(1000))
    return user_cache


def listed(capsys, *arguments):
    _run("cache", "--json", *arguments)
    return {row["holds"]: row["bytes"] for row in json.loads(capsys.readouterr().out)}


def test_each_cache_is_listed_with_its_size(filled, capsys):
    assert listed(capsys) == {
        "prepared models": 3_000_000,
        "exported models": 0,
        "counted FLOPs": 0,
        "random weights": 0,
        "tokenised tasks": 1000,
    }
    _run("cache")
    assert "3.0 MB" in capsys.readouterr().out


def test_there_may_be_none_yet(user_cache, capsys):
    assert listed(capsys, "--clear") == {
        "prepared models": 0,
        "exported models": 0,
        "counted FLOPs": 0,
        "random weights": 0,
        "tokenised tasks": 0,
    }
    assert not user_cache.exists()


def test_clearing_says_what_it_freed_and_leaves_nothing(filled, capsys):
    assert listed(capsys, "--clear") == {
        "prepared models": 3_000_000,
        "exported models": 0,
        "counted FLOPs": 0,
        "random weights": 0,
        "tokenised tasks": 1000,
    }
    assert set(listed(capsys).values()) == {0}


def test_a_cache_that_is_being_filled_is_not_cleared(filled, capsys):
    with caches.locked(caches.prepared()), pytest.raises(SystemExit) as ended:
        main(["cache", "--clear"])
    assert ended.value.code == 2
    assert "is being filled by another run" in capsys.readouterr().err
    assert caches.size_bytes(caches.prepared()) == 3_000_000


def test_whoever_waits_too_long_for_a_cache_is_told(tmp_path):
    with (
        caches.locked(tmp_path),
        pytest.raises(InputError, match=re.escape(str(tmp_path))),
        caches.locked(tmp_path, 0.1),
    ):
        pass


def _run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == 0


@pytest.mark.parametrize("below", ["user", "user/deeper"])
def test_a_cache_that_cannot_be_written_is_one_line_before_anything_is_measured(tmp_path, monkeypatch, capsys, below):
    (tmp_path / "user").write_text("a file, where a folder should be")
    monkeypatch.setattr(caches, "user_cache_path", lambda *_, **__: tmp_path / below / "benchbench")
    for arguments in (("speedup", "bert-tiny", "bert-tiny"), ("run", "quick", "--out", str(tmp_path / "out"))):
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        err = capsys.readouterr().err
        assert ended.value.code == 2
        assert "cannot write the cache" in err
        assert len(err.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()
    with pytest.raises(InputError, match="cannot write the cache"), caches.locked(caches.prepared()):
        pass


def test_what_other_code_made_is_not_read_again(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    room = tmp_path / "a_room_with_code"
    room.mkdir()
    (room / "__init__.py").write_text("")
    (room / "maker.py").write_text("made = 1\n")
    (room / "notes.txt").write_text("no code")
    before = caches.code_of("a_room_with_code")
    (room / "notes.txt").write_text("still none")
    assert caches.code_of("a_room_with_code") == before
    (room / "maker.py").write_text("made = 2\n")
    assert caches.code_of("a_room_with_code") != before
