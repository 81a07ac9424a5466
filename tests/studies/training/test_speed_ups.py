"""Which speed-ups act is decided by the recipe and the device, and a training says which did."""

import pytest

from benchbench.studies.training.speed_ups import speed_ups
from benchbench.suites import reading as suites
from benchbench.suites.schema import Training

USUAL, FAST = (block.training for block in suites.read("finetune-speed")[0].quality)
COMMON = ("short loop", "batches of one length", "padded to the batch's longest", "lowered")


ABLE = {"lowered": True, "native_bf16": True, "states_can_be_bf16": True, "keeps_memory": True}


def names(training, device, **able):
    return speed_ups(training, device, **(ABLE | able)).names


def test_the_usual_script_has_none_on_any_device():
    for device in ("cpu", "cuda", "mps"):
        assert names(USUAL, device, lowered=False) == ()


def test_fast_dropout_is_for_a_cpu_alone():
    assert names(FAST, "cpu") == (*COMMON, "fast dropout", "bf16 autocast", "bf16 between layers", "memory kept")
    assert names(FAST, "cuda") == (*COMMON, "bf16 autocast")
    assert names(FAST, "mps", native_bf16=False) == COMMON


def test_bf16_is_chosen_where_the_device_computes_it_and_where_it_is_asked_for():
    assert names(FAST, "cpu", native_bf16=False) == (*COMMON, "fast dropout", "memory kept")
    asked = FAST.model_copy(update={"precision": "bf16"})
    assert "bf16 autocast" in names(asked, "cpu", native_bf16=False)
    assert "bf16 autocast" not in names(Training(), "cpu")


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_compiled_step_keeps_the_compilers_dropout(device):
    assert "fast dropout" not in names(FAST.model_copy(update={"compiled": True}), device)


def test_what_the_model_or_the_system_cannot_have_does_not_act():
    assert "bf16 between layers" not in names(FAST, "cpu", states_can_be_bf16=False)
    assert "memory kept" not in names(FAST, "cpu", keeps_memory=False)


@pytest.mark.parametrize("changes", [{"loop": "trainer"}, {"compiled": True}])
def test_what_comes_with_the_short_loop_on_a_cpu_comes_with_nothing_else(changes):
    for acting in (names(FAST.model_copy(update=changes), "cpu"), names(FAST, "cuda")):
        assert {"bf16 between layers", "memory kept"}.isdisjoint(acting)
