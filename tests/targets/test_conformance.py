"""The conformance kit passes what is right and names what is wrong."""

import pytest

from benchbench.targets import conformance
from benchbench.targets.catalogue import availability, find
from benchbench.targets.tuned import tuned_model

BROKEN = """
from benchbench.targets.protocol import Target
from benchbench.targets.runtimes.torch_eager import TorchEager

class Runtime(TorchEager):
    name = "broken"
    def load(self, *arguments):
        session = super().load(*arguments)
        class Wrong:
            peak_device_memory_bytes = session.peak_device_memory_bytes
            def run(self, batch):
                {what}
        return Wrong()

RUNTIME = Runtime
TARGET = Target(name="broken", runtime=__file__)
"""
ABSENT = """\
    def unavailable(self, target):
        return "this engine is nowhere to be had"
"""
MISTAKES = {
    "return session.run(batch) + 0.01": "logits, 7 tokens",
    "return session.run({**batch, 'attention_mask': batch['attention_mask'] * 0 + 1})": "padding has no effect",
    "return session.run(batch).astype('float64')": "logits, 128 tokens",
    "import random; return session.run(batch) * (1 + random.random() * 1e-6)": "determinism",
    "raise RuntimeError('no kernel')": "logits, padded batch",
}
CPU_TARGETS = ["torch-cpu", "torch-cpu-bf16", "onnxruntime-cpu", "openvino-cpu"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return tuned_model(tmp_path_factory.mktemp("trained") / "model")


@pytest.mark.parametrize("name", CPU_TARGETS)
def test_a_shipped_target_passes(name, trained):
    reason = availability(find(name))
    if reason:
        pytest.skip(reason)
    report = conformance.check(find(name), trained=trained)
    assert report.passed, [check for check in report.checks if not check.passed]


@pytest.mark.parametrize(("what", "failing"), MISTAKES.items())
def test_a_mistake_is_found_and_named(tmp_path, trained, what, failing):
    file = tmp_path / "broken.py"
    file.write_text(BROKEN.replace("{what}", what))
    report = conformance.check(find(str(file)), trained=trained)
    assert failing in [check.name for check in report.checks if not check.passed]


def test_a_target_that_cannot_run_here_says_why(tmp_path):
    file = tmp_path / "absent.py"
    file.write_text(BROKEN.replace("{what}", "pass").replace("    def load", ABSENT + "    def load"))
    report = conformance.check(find(str(file)))
    assert report.unavailable == "this engine is nowhere to be had"
    assert not report.passed
    assert report.checks == ()
