"""Checks of what a target computes: the reference's logits and answers, each time, whatever stands in the padding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy

from benchbench.models.source import Head
from benchbench.targets import tuned
from benchbench.targets.conformance.kit import Kit, largest_difference
from benchbench.targets.conformance.report import Outcome
from benchbench.targets.protocol import Precision

PADDED = (64, 40, 7, 1)
TOLERANCE: Mapping[Precision, float] = {"fp32": 1e-4, "tf32": 1e-2, "fp16": 1e-2, "bf16": 5e-2, "int8": 0.5}
"""Largest difference of a logit, as a share of the largest logit (of 1, where all are smaller). Coarse for int8, whose
measure is how often the answer is the same: with random weights, logits lie near one another."""
AGREEMENT: Mapping[Precision, float] = {"fp32": 1.0, "tf32": 0.99, "fp16": 0.99, "bf16": 0.99, "int8": 0.97}
"""Share of examples on which a trained model must give the same answer."""

_AGREEMENT_BATCHES = 16


def logits(kit: Kit, lengths: Sequence[int]) -> Outcome:
    """Rows of these lengths, padded to the longest."""
    batch = kit.batch(lengths)
    expected, got = kit.reference(batch), kit.run(batch)
    if got.shape != expected.shape or got.dtype != numpy.float32:
        return Outcome(False, f"gives {got.dtype} {got.shape}, should be float32 {expected.shape}")
    if expected.ndim == 3:  # the logits of padding tokens mean nothing
        real = batch["attention_mask"].astype(bool)
        expected, got = expected[real], got[real]
    difference, limit = largest_difference(got, expected), _tolerance(kit, expected)
    return Outcome(difference <= limit, "largest difference from the reference", difference, limit)


def longest_logits(kit: Kit) -> Outcome:
    """One text of as many tokens as the model takes."""
    return logits(kit, [kit.longest])


def head_logits(kit: Kit, head: Head) -> Outcome:
    return logits(kit.with_head(head), [16, 9])


def agreement(kit: Kit) -> Outcome:
    """The answers of a model that was trained as `tuned.tuned_model` does."""
    same, correct, rows = 0, 0, 0
    batches = list(tuned.texts(_AGREEMENT_BATCHES, seed=1))
    with kit.open(*batches[0][0]["input_ids"].shape) as session:
        for batch, labels in batches:
            expected = kit.reference(batch).argmax(-1)
            same += int((numpy.array(session.run(batch)).argmax(-1) == expected).sum())
            correct += int((expected == labels).sum())
            rows += len(labels)
    share, limit = same / rows, AGREEMENT[kit.target.precision]
    detail = f"{same} of {rows} answers of a trained model ({correct / rows:.0%} accurate) are the reference's"
    return Outcome(share >= limit, detail, share, limit)


def determinism(kit: Kit) -> Outcome:
    """Twice in a session and once in a new one, bit for bit; an earlier result must not be overwritten by a later."""
    batch, other = (kit.batch(PADDED, seed=seed) for seed in (0, 1))
    with kit.open(*batch["input_ids"].shape) as session:
        first = session.run(batch)
        kept = numpy.array(first)
        session.run(other)
        overwritten = not numpy.array_equal(first, kept)
        again = numpy.array_equal(session.run(batch), kept)
    anew = numpy.array_equal(kit.run(batch), kept)
    if overwritten:
        return Outcome(False, "a later run overwrites the array that an earlier run returned")
    return Outcome(again and anew, f"equal in one session: {again}; in a new session: {anew}")


def padding(kit: Kit) -> Outcome:
    """The same rows with other tokens behind their end.

    A model whose reference reads the token behind a text's end, as MobileBERT's convolution over neighbours does, must
    read it alike.
    """
    batch = kit.batch(PADDED)
    noise = kit.batch([max(PADDED)] * len(PADDED), seed=7)["input_ids"]
    filled = {**batch, "input_ids": numpy.where(batch["attention_mask"] == 1, batch["input_ids"], noise)}
    with kit.open(*batch["input_ids"].shape) as session:
        clean = numpy.array(session.run(batch))
        noisy = numpy.array(session.run(filled))
    limit, expected = _tolerance(kit, clean), kit.reference(filled)
    if largest_difference(expected, kit.reference(batch)) > limit:
        what = "the model itself reads what stands behind a text's end; difference from the reference"
        difference = largest_difference(noisy, expected)
    else:
        what = "largest change by other tokens in the padding"
        difference = largest_difference(noisy, clean)
    return Outcome(difference <= limit, what, difference, limit)


def _tolerance(kit: Kit, expected: numpy.ndarray) -> float:
    return TOLERANCE[kit.target.precision] * max(1.0, float(numpy.abs(expected).max()))
