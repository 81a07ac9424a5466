"""Texts of mixed lengths in batches of several kinds: what is padding, what is faster, and who cannot take part."""

import math
import statistics

import pytest
import tiny_encoders

from benchbench.records import MIXED
from benchbench.studies.efficiency import study as efficiency
from benchbench.studies.efficiency.lengths.batchings import (
    BY_COUNT,
    BY_COUNT_SORTED,
    BY_TOKENS,
    BY_TOKENS_SORTED,
    batchings,
    by_tokens,
    drawn,
)
from benchbench.studies.efficiency.lengths.mixed_lengths import mixed_lengths
from benchbench.suites.schema import MixedLengths
from benchbench.targets.inputs import batches, padding_waste_of

GOOD = "bert-tiny"
WANTED = {"examples": 20, "median": 24, "shortest": 4, "longest": 64, "batch_size": 4, "batch_tokens": 96}


def study(models=(GOOD,), target="torch-cpu"):
    return efficiency.load(
        target=target, models=models, budget_seconds=4, processes=2, scenarios={"mixed_lengths": WANTED}
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """With a model that has too few positions for the longest text."""
    short = tiny_encoders.write(tmp_path_factory.mktemp("models"), "roberta", max_position_embeddings=34)
    return mixed_lengths(study((str(short.model.path), GOOD)))


def values(found, quantity):
    return {(m.subject.batching, m.subject.baseline): m.value for m in found.measurements if m.quantity == quantity}


def test_each_way_holds_the_same_texts_within_its_bound():
    wanted = MixedLengths(**WANTED)
    lengths = drawn(wanted, seed=3)
    made = batchings(lengths, wanted)
    assert set(made) == {BY_COUNT, BY_COUNT_SORTED, BY_TOKENS, BY_TOKENS_SORTED}
    for name, groups in made.items():
        texts = [tokens for group in groups for tokens in group]
        assert texts == (sorted(lengths) if "sorted" in name else list(lengths))
        if name in (BY_TOKENS, BY_TOKENS_SORTED):
            assert all(max(group) * len(group) <= wanted.batch_tokens for group in groups)
        else:
            assert {len(group) for group in groups} == {wanted.batch_size}


def test_lengths_are_those_that_the_settings_say():
    wanted = MixedLengths(examples=41, median=96, spread=0.8, shortest=16, longest=512)
    lengths = drawn(wanted, seed=0)
    assert statistics.median(lengths) == 96
    assert (min(lengths), max(lengths)) == (16, 512)
    assert statistics.stdev(map(math.log, lengths)) == pytest.approx(0.8, rel=0.1)
    assert drawn(wanted, seed=0) == lengths != drawn(wanted, seed=1)
    assert sorted(drawn(wanted, seed=1)) == sorted(lengths)


def test_a_text_longer_than_the_bound_is_alone():
    assert list(by_tokens((5, 20, 5, 5), most=10)) == [(5,), (20,), (5, 5)]


def test_padding_is_what_the_batches_hold_of_it():
    groups = [(2, 8), (5,)]
    masks = [batch["attention_mask"] for batch in batches(groups, 4096, seed=0)]
    assert [mask.shape for mask in masks] == [(2, 8), (1, 5)]
    assert padding_waste_of(groups) == 1 - sum(mask.sum() for mask in masks) / sum(mask.size for mask in masks)


def test_padding_is_no_token_of_a_text(found):
    lengths = drawn(MixedLengths(**WANTED), seed=0)
    examples, tokens, waste = (values(found, name) for name in ("throughput", "token_throughput", "padding_waste"))
    assert set(tokens) == {(name, None) for name in (BY_COUNT, BY_COUNT_SORTED, BY_TOKENS, BY_TOKENS_SORTED)}
    for way, rate in tokens.items():
        assert rate == pytest.approx(examples[way] * sum(lengths) / len(lengths))
    assert 0 < waste[BY_COUNT_SORTED, None] < waste[BY_COUNT, None]
    assert waste[BY_TOKENS_SORTED, None] < waste[BY_TOKENS, None]


def test_speedups_are_paired_and_agree_with_one_another(found):
    gain = values(found, "batching_speedup")
    both = gain[BY_COUNT_SORTED, BY_COUNT] * gain[BY_TOKENS_SORTED, BY_COUNT_SORTED]
    assert gain[BY_TOKENS_SORTED, BY_COUNT] == pytest.approx(both, rel=0.4)
    gains = [m for m in found.measurements if m.quantity == "batching_speedup"]
    known = [m for m in gains if m.ci_low is not None]  # two processes may be too few, which a value then says
    assert all(m.ci_low <= m.value <= m.ci_high for m in known)
    assert not any(m.stable for m in gains if m not in known)


def test_a_model_that_cannot_take_the_longest_text_is_absent_once(found):
    assert {m.subject.model for m in found.measurements} == {GOOD}
    (absence,) = found.absences
    assert (absence.subject.model, absence.subject.lengths) == ("roberta", MIXED)
    assert absence.reason == "not measured: the model takes at most 32 tokens"


def test_a_target_of_one_shape_says_that_it_has_no_such_batches():
    pytest.importorskip("openvino")
    found = mixed_lengths(study(target="openvino-cpu-static"))
    assert not found.measurements
    (absence,) = found.absences
    assert "one shape" in absence.reason


def test_what_a_suite_does_not_ask_for_is_left_out():
    plain = mixed_lengths(efficiency.load(target="torch-cpu", models=(GOOD,)))
    assert (plain.measurements, plain.absences) == ((), ())
