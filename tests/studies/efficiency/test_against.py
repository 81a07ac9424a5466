"""A target measured against another one: both run in the same rounds, so their ratio is paired."""

import pytest

from benchbench.studies.efficiency import study as efficiency


@pytest.fixture(scope="module")
def found():
    study = efficiency.load(
        target="onnxruntime-cpu",
        against=("openvino-cpu", "torch-mps"),
        models=("squeezebert-tiny",),
        batch_sizes=(1,),
        budget_seconds=3,
        processes=4,
    )
    return efficiency.speed(study)


def test_the_speedup_over_the_other_target_is_there_with_its_interval(found):
    (speedup,) = (m for m in found.measurements if m.quantity == "speedup")
    assert speedup.subject.target == "onnxruntime-cpu"
    assert speedup.subject.baseline == "squeezebert-tiny on openvino-cpu"
    assert speedup.ci_low <= speedup.value <= speedup.ci_high


def test_the_other_target_has_no_rows_of_its_own_here(found):
    assert {m.subject.target for m in found.measurements} == {"onnxruntime-cpu"}
