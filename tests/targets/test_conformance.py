"""The conformance kit passes what is right and names what is wrong."""

import pytest
import tiny_encoders

from benchbench.errors import InputError
from benchbench.targets import conformance
from benchbench.targets.catalogue import availability, find
from benchbench.targets.conformance.checks import CHECKS
from benchbench.targets.conformance.examination import Examination, examine
from benchbench.targets.conformance.journal import ended
from benchbench.targets.tuned import tuned_model

BROKEN = """
from benchbench.targets.protocol import Target
from benchbench.targets.runtimes.torch_eager import TorchEager

class Runtime(TorchEager):
    name = "broken"
    def load(self, *arguments):
        session = super().load(*arguments)
        class Wrong:
            device_memory = session.device_memory
            def run(self, batch):
                {what}
        return Wrong()

RUNTIME = Runtime
TARGET = Target(name="broken", runtime=__file__)
"""
ABSENT = """
from benchbench.targets.protocol import Target

class Runtime:
    name = "absent"
    def unavailable(self, target): return "the engine is not installed"

RUNTIME = Runtime
TARGET = Target(name="absent", runtime=__file__)
"""
MISTAKES = {
    "return session.run(batch) + 0.01": ("logits, 7 tokens", "largest difference"),
    "return session.run({**batch, 'attention_mask': batch['attention_mask'] * 0 + 1})": (
        "padding has no effect",
        "largest change",
    ),
    "return session.run(batch).astype('float64')": ("logits, 128 tokens", "float64"),
    "import random; return session.run(batch) * (1 + random.random())": ("determinism", "in one session: False"),
    "raise RuntimeError('no kernel')": ("logits, padded batch", "RuntimeError: no kernel"),
}
CPU_TARGETS = ["torch-cpu-bf16", "onnxruntime-cpu", "onnxruntime-cpu-int8-static", "openvino-cpu"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return tuned_model(tmp_path_factory.mktemp("trained") / "model")


def examined(folder, target, trained, source=None, checks=tuple(CHECKS)):
    """What the process of an examination does, without what it imports first."""
    folder.mkdir(exist_ok=True)
    wanted = Examination(target, source, trained, checks, folder)
    examine(wanted)
    return ended(wanted.journal.pages())


@pytest.mark.parametrize("name", CPU_TARGETS)
def test_a_shipped_target_passes(name, tmp_path, trained):
    reason = availability(find(name))
    if reason:
        pytest.skip(reason)
    found = examined(tmp_path, find(name), trained)
    assert [check.name for check in found] == list(CHECKS)
    assert not [check for check in found if not check.passed]


@pytest.mark.parametrize(("model_type", "positions"), [("bert", 20), ("roberta", 8)])
def test_a_model_is_checked_up_to_its_own_longest_text(tmp_path, trained, model_type, positions):
    source = tiny_encoders.write(tmp_path, model_type, max_position_embeddings=positions)
    about_length = ("logits, 128 tokens", "logits, longest text", "padding has no effect", "more work takes longer")
    found = examined(tmp_path, find("torch-cpu"), trained, source, about_length)
    assert [check.name for check in found] == list(about_length)
    assert not [check for check in found if not check.passed]


def test_all_checks_are_made_in_a_process_of_their_own(trained):
    report = conformance.check(find("torch-cpu"), trained=trained)
    assert report.passed, [check for check in report.checks if not check.passed]
    assert [check.name for check in report.checks] == list(CHECKS)


def test_a_model_that_reads_the_token_behind_a_text_is_held_to_its_reference(tmp_path, trained):
    """MobileBERT's embedding of a token is made of its neighbours' as well."""
    source = tiny_encoders.write(tmp_path, "mobilebert", initializer_range=0.3)  # so that it can be seen
    check = ("padding has no effect",)
    (right,) = examined(tmp_path / "right", find("torch-cpu"), trained, source, check)
    assert right.passed
    assert "the model itself reads what stands behind" in right.outcome.detail

    ignored = "return session.run({**batch, 'input_ids': batch['input_ids'] * batch['attention_mask']})"
    (wrong,) = examined(tmp_path / "wrong", _broken(tmp_path, ignored), trained, source, check)
    assert not wrong.passed


@pytest.mark.parametrize(("what", "failing", "said"), [(what, *found) for what, found in MISTAKES.items()])
def test_a_mistake_is_found_and_named(tmp_path, trained, what, failing, said):
    (found,) = examined(tmp_path, _broken(tmp_path, what), trained, checks=(failing,))
    assert (found.name, found.passed) == (failing, False)
    assert said in found.outcome.detail


def test_a_failing_check_does_not_stop_the_others(tmp_path, trained):
    target = _broken(tmp_path, "raise RuntimeError('no kernel')")
    names = ("logits, 7 tokens", "bad batches are errors")
    found = examined(tmp_path, target, trained, checks=names)
    assert [(check.name, check.passed) for check in found] == list(zip(names, (False, True), strict=True))


def test_a_death_is_one_line_of_its_check_and_the_others_go_on(tmp_path, trained):
    """As of a model that needs more memory for 128 tokens than there is."""
    killed = "import os; os.kill(os.getpid(), 9) if batch['input_ids'].shape[1] == 128 else None"
    target = _broken(tmp_path, f"{killed}; return session.run(batch)")
    names = ("logits, 7 tokens", "logits, 128 tokens", "logits, padded batch")
    report = conformance.check(target, trained=trained, only=names)
    assert [(check.name, check.passed) for check in report.checks] == list(zip(names, (True, False, True), strict=True))
    assert not report.passed
    detail = report.checks[1].outcome.detail
    assert "at 1 x 128 tokens" in detail
    assert "SIGKILL" in detail
    assert "memory" in detail


def test_a_check_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match=r"unknown check .* did you mean determinism"):
        conformance.check(find("torch-cpu"), only={"determinsm"})


def test_a_target_that_cannot_run_here_says_why(tmp_path):
    file = tmp_path / "absent.py"
    file.write_text(ABSENT)
    report = conformance.check(find(str(file)))
    assert report.unavailable == "the engine is not installed"
    assert not report.passed
    assert report.checks == ()


def _broken(folder, what):
    file = folder / "broken.py"
    file.write_text(BROKEN.replace("{what}", what))
    return find(str(file))
