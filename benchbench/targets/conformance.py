"""The conformance kit: whether a target computes what it should, for all inputs it will be given.

Every check compares with the same model in PyTorch eager fp32 on the CPU, as transformers writes it.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
import psutil

from benchbench.errors import InputError
from benchbench.models.source import Head, ModelSource
from benchbench.targets.catalogue import availability, runtime_of
from benchbench.targets.protocol import Batch, Precision, Runtime, Session, Shape, Target
from benchbench.targets.session import open_session, prepare

if TYPE_CHECKING:
    from transformers import PretrainedConfig

LENGTHS = (1, 7, 128, 512)
PADDED = (64, 40, 7, 1)
TOLERANCE: Mapping[Precision, float] = {"fp32": 1e-4, "fp16": 1e-2, "bf16": 5e-2, "int8": 0.5}
"""Largest difference of a logit, as a share of the largest logit (of 1, where all are smaller). Coarse for int8, whose
measure is how often the answer is the same: with random weights, logits lie near one another."""
AGREEMENT: Mapping[Precision, float] = {"fp32": 1.0, "fp16": 0.99, "bf16": 0.99, "int8": 0.97}
"""Share of examples on which a trained model must give the same answer."""

_HEADS: tuple[Head, ...] = ("token-classification", "question-answering")
_AGREEMENT_BATCHES = 16
_TIMED_RUNS = 20
_REOPENINGS = 8
_MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a target must do. `value` and `limit` where there is a number; `detail` in words."""

    name: str
    passed: bool
    detail: str
    value: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class ConformanceReport:
    """All checks of one target. `unavailable`: why the target cannot run here; then there are no checks."""

    target: str
    precision: str
    model: str
    unavailable: str | None
    checks: tuple[Check, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return self.unavailable is None and all(check.passed for check in self.checks)

    def to_json(self) -> dict[str, object]:
        return {**asdict(self), "passed": self.passed}


def check(target: Target, source: ModelSource | None = None, trained: ModelSource | None = None) -> ConformanceReport:
    """Run the kit on `target`, with a small model trained for it, or with `source` where one is given.

    The answers of low precisions are always compared on a trained model: `trained`, as `tuned.tuned_model` makes it, or
    one trained now. Raises nothing for a target that fails.
    """
    shown = "squeezebert-tiny, trained briefly" if source is None else source.model
    reason = availability(target)
    if reason is not None:
        return ConformanceReport(target.name, target.precision, shown, reason)
    runtime = runtime_of(target)
    with tempfile.TemporaryDirectory(prefix="benchbench-conformance-") as scratch:
        from benchbench.targets.tuned import tuned_model

        trained = trained or tuned_model(Path(scratch) / "trained")
        bench = _Bench(runtime, target, source or trained, Path(scratch))
        checks = tuple(_guarded(bench, trained))
    _reference_model.cache_clear()
    return ConformanceReport(target.name, target.precision, shown, None, checks, runtime.versions())


@dataclass(frozen=True)
class _Bench:
    """A target with one model. `open` prepares what is not there yet and loads it."""

    runtime: Runtime
    target: Target
    source: ModelSource
    scratch: Path

    @contextmanager
    def open(self, rows: int, length: int) -> Iterator[Session]:
        shape = Shape(rows, length)
        session = open_session(self.source, self.target, shape, self.prepared(shape))
        yield session
        del session
        gc.collect()

    def prepared(self, shape: Shape) -> Path:
        name = f"{self.source.head}-{hash(self.source):x}"
        if self.runtime.fixed_shape():
            name += f"-{shape.batch_size}x{shape.sequence_length}"
        folder = self.scratch / name
        if not folder.exists():
            folder.mkdir()
            prepare(self.source, self.target, shape, folder)
        return folder

    def run(self, batch: Batch) -> numpy.ndarray:
        with self.open(*batch["input_ids"].shape) as session:
            return numpy.array(session.run(batch))

    def config(self) -> PretrainedConfig:
        from benchbench.models.loading import config

        return config(self.source)

    def tolerance(self, expected: numpy.ndarray) -> float:
        return TOLERANCE[self.target.precision] * max(1.0, float(numpy.abs(expected).max()))


def _guarded(bench: _Bench, trained: ModelSource) -> Iterator[Check]:
    """Each check in turn; an exception is that check's failure, and the others go on."""
    checks: list[tuple[str, Callable[[], Check]]] = [
        *((f"logits, {n} tokens", lambda n=n: _logits(bench, [n], n)) for n in LENGTHS),
        ("logits, padded batch", lambda: _logits(bench, PADDED, max(PADDED))),
        *((f"logits, {head}", lambda head=head: _logits(_headed(bench, head), [16, 9], 16)) for head in _HEADS),
        ("same answers", lambda: _agreement(replace(bench, source=trained))),
        ("determinism", lambda: _determinism(bench)),
        ("padding has no effect", lambda: _mask(bench)),
        ("bad batches are errors", lambda: _bad_batches(bench)),
        ("more work takes longer", lambda: _timing(bench)),
        ("memory is released", lambda: _memory(bench)),
    ]
    for name, run in checks:
        try:
            yield replace(run(), name=name)
        except Exception as error:  # whatever a runtime raises, the report must say so and go on
            yield Check(name, False, f"{type(error).__name__}: {str(error).partition(chr(10))[0][:300]}")


def _headed(bench: _Bench, head: Head) -> _Bench:
    labels = 2 if head == "question-answering" else 5
    return replace(bench, source=replace(bench.source, head=head, num_labels=labels))


def _logits(bench: _Bench, lengths: Sequence[int], width: int) -> Check:
    batch = _batch(bench, lengths, width)
    expected, got = _reference(bench.source, batch), bench.run(batch)
    if got.shape != expected.shape or got.dtype != numpy.float32:
        return Check("", False, f"gives {got.dtype} {got.shape}, should be float32 {expected.shape}")
    if expected.ndim == 3:  # what a model says about padding is nobody's business
        real = batch["attention_mask"].astype(bool)
        expected, got = expected[real], got[real]
    difference, limit = _difference(got, expected), bench.tolerance(expected)
    return Check("", difference <= limit, "largest difference from the reference", difference, limit)


def _agreement(bench: _Bench) -> Check:
    from benchbench.targets.tuned import texts

    pairs, correct, rows = 0, 0, 0
    batches = list(texts(_AGREEMENT_BATCHES, seed=1))
    with bench.open(*batches[0][0]["input_ids"].shape) as session:
        for batch, labels in batches:
            expected = _reference(bench.source, batch).argmax(-1)
            pairs += int((numpy.array(session.run(batch)).argmax(-1) == expected).sum())
            correct += int((expected == labels).sum())
            rows += len(labels)
    share, limit = pairs / rows, AGREEMENT[bench.target.precision]
    detail = f"{pairs} of {rows} answers of a trained model ({correct / rows:.0%} accurate) are the reference's"
    return Check("", share >= limit, detail, share, limit)


def _determinism(bench: _Bench) -> Check:
    """Twice in a session and once in a new one, bit for bit; an earlier result must not be overwritten by a later."""
    batch, other = (_batch(bench, PADDED, max(PADDED), seed=seed) for seed in (0, 1))
    with bench.open(len(PADDED), max(PADDED)) as session:
        first = session.run(batch)
        kept = numpy.array(first)
        session.run(other)
        overwritten = not numpy.array_equal(first, kept)
        again = numpy.array_equal(session.run(batch), kept)
    anew = numpy.array_equal(bench.run(batch), kept)
    if overwritten:
        return Check("", False, "a later run overwrites the array that an earlier run returned")
    return Check("", again and anew, f"equal in one session: {again}; in a new session: {anew}")


def _mask(bench: _Bench) -> Check:
    """The same rows with other tokens behind their end."""
    batch = _batch(bench, PADDED, max(PADDED))
    noise = _batch(bench, [max(PADDED)] * len(PADDED), max(PADDED), seed=7)["input_ids"]
    ids = numpy.where(batch["attention_mask"] == 1, batch["input_ids"], noise)
    with bench.open(len(PADDED), max(PADDED)) as session:
        clean = numpy.array(session.run(batch))
        noisy = numpy.array(session.run({**batch, "input_ids": ids}))
    difference, limit = _difference(noisy, clean), bench.tolerance(clean)
    return Check("", difference <= limit, "largest change by other tokens in the padding", difference, limit)


def _bad_batches(bench: _Bench) -> Check:
    settings = bench.config()
    good = _batch(bench, [8], 8)
    long = _batch(bench, [settings.max_position_embeddings + 1], settings.max_position_embeddings + 1)
    beyond = {**good, "input_ids": numpy.full_like(good["input_ids"], settings.vocab_size)}
    bad = {
        "more tokens than positions": long,
        "a token id beyond the vocabulary": beyond,
        "a negative token id": {**good, "input_ids": numpy.full_like(good["input_ids"], -1)},
        "one dimension": {name: array[0] for name, array in good.items()},
        "a shorter mask": {**good, "attention_mask": good["attention_mask"][:, :-1]},
        "no rows": {name: array[:0] for name, array in good.items()},
        "no input_ids": {name: array for name, array in good.items() if name != "input_ids"},
    }
    with bench.open(1, 8) as session:
        taken = [what for what, batch in bad.items() if not _raises(session, batch)]
    return Check("", not taken, f"taken without an error: {', '.join(taken)}" if taken else f"{len(bad)} kinds refused")


def _raises(session: Session, batch: Batch) -> bool:
    try:
        session.run(batch)
    except Exception:  # any error will do
        return True
    return False


def _timing(bench: _Bench) -> Check:
    """A run that returned before its work was done would take as long for 512 tokens as for one."""
    short, long = _fastest(bench, (LENGTHS[0], LENGTHS[-1]))
    detail = f"{LENGTHS[-1]} tokens {long * 1e3:.2f} ms, {LENGTHS[0]} token {short * 1e3:.2f} ms"
    return Check("", long > short > 0, detail, long / short, 1.0)


def _fastest(bench: _Bench, lengths: Sequence[int]) -> list[float]:
    """Seconds of the fastest run of one text of each length, run in turn: a busy machine slows some runs, not all."""
    times: dict[int, list[float]] = {length: [] for length in lengths}
    batches = {length: _batch(bench, [length], length) for length in lengths}
    with ExitStack() as stack:
        sessions = {length: stack.enter_context(bench.open(1, length)) for length in lengths}
        for _ in range(_TIMED_RUNS):
            for length, session in sessions.items():
                start = time.perf_counter()
                session.run(batches[length])
                times[length].append(time.perf_counter() - start)
    return [min(times[length]) for length in lengths]


def _memory(bench: _Bench) -> Check:
    """Opening and closing sessions must not pile up copies of the weights."""
    batch, process = _batch(bench, [8], 8), psutil.Process()
    sizes = []
    for _ in range(_REOPENINGS):
        with bench.open(1, 8) as session:
            session.run(batch)
        del session
        gc.collect()
        sizes.append(process.memory_info().rss)
    weights = _weight_bytes(bench.source)
    settled = sizes[_REOPENINGS // 4]  # the first sessions fill caches that stay
    reopened = _REOPENINGS - 1 - _REOPENINGS // 4
    growth, limit = (sizes[-1] - settled) / _MEBIBYTE, (reopened * weights / 2) / _MEBIBYTE + 4
    return Check("", growth <= limit, f"growth in MiB over {reopened} sessions opened and closed", growth, limit)


def _weight_bytes(source: ModelSource) -> int:
    return sum(p.numel() * p.element_size() for p in _reference_model(source).parameters())


def _reference(source: ModelSource, batch: Batch) -> numpy.ndarray:
    import torch

    model = _reference_model(source)
    with torch.inference_mode():
        return model(**{name: torch.from_numpy(array) for name, array in batch.items()}).numpy()  # type: ignore[no-any-return]


@lru_cache(maxsize=2)
def _reference_model(source: ModelSource) -> Any:
    from benchbench.models.loading import build
    from benchbench.models.logits import Logits

    return Logits(build(replace(source, lowered=False)))


def _batch(bench: _Bench, lengths: Sequence[int], width: int, seed: int = 0) -> dict[str, numpy.ndarray]:
    vocabulary = bench.config().vocab_size
    ids = numpy.random.default_rng(seed).integers(vocabulary // 4, vocabulary, (len(lengths), width))
    mask = (numpy.arange(width)[None, :] < numpy.asarray(lengths)[:, None]).astype(numpy.int64)
    ids = ids.astype(numpy.int64) * mask
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}


def _difference(got: numpy.ndarray, expected: numpy.ndarray) -> float:
    if not numpy.isfinite(got).all():
        raise InputError("the logits hold values that are not finite")
    return float(numpy.abs(got - expected).max())
