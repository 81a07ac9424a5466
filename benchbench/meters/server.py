"""Queries that arrive at random: how many a second a model serves while its p99 stays within a bound.

MLPerf Inference's server scenario (Reddi et al. 2020, arXiv 1911.02549): Poisson arrivals, latency counted from the
scheduled arrival, so that waiting in the queue is part of it. The load comes from MLCommons' LoadGen, an optional
dependency (extra `loadgen`). One query runs at a time, first come, first served.
"""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from benchbench.errors import Missing
from benchbench.meters.percentiles import percentile
from benchbench.records import Interval

TRIALS = 7  # halvings of the range of rates: the answer is good to 1 % of what the model does without pauses
_ALONE = 5  # queries timed without load, which bound what is possible
_RESULTS = {"result_query_count", *(f"result_{p}.00_percentile_latency_ns" for p in (50, 90, 99))}


@dataclass(frozen=True, slots=True)
class Trial:
    """What `queries` queries saw that arrived at `rate` a second, latencies in ms from arrival to answer.

    `tail`: the p99 with its bounds, or why there are too few queries for any.
    """

    rate: float
    queries: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    tail: Interval | Missing

    def is_within(self, bound_ms: float) -> bool:
        """Whether 99 of 100 queries take at most `bound_ms`: by a binomial test of that share, at 95 %.

        That is to say that the p99's upper bound is within it. With too few queries for one the p99 itself decides.
        """
        return (self.p99_ms if isinstance(self.tail, Missing) else self.tail.high) <= bound_ms


@dataclass(frozen=True, slots=True)
class ServerResult:
    """`met`: the trial with the highest rate that is within the bound; None where even a query alone is not.

    `missed`: the trial with the lowest rate, above that of `met`, that is not surely so; None where none was.
    `alone_ms`: the fastest of a few queries without load.
    """

    met: Trial | None
    missed: Trial | None
    alone_ms: float


Load = Callable[[Sequence[Callable[[], object]], float, float, int], Trial]
"""Makes a trial: queries, rate (1/s), seconds, seed."""


def unavailable() -> str | None:
    """Why no load can be generated here, in one sentence; None when it can."""
    if importlib.util.find_spec("mlperf_loadgen") is None:
        return "LoadGen is not installed; install the package mlcommons-loadgen"
    return None


def poisson_load(queries: Sequence[Callable[[], object]], rate: float, seconds: float, seed: int) -> Trial:
    """Issue `queries`, drawn at random, at `rate` a second for `seconds`, and wait until all are answered.

    The same seed gives the same arrivals, closer together at a higher rate. Raises what a query raises.
    """
    import mlperf_loadgen as loadgen

    waiting: SimpleQueue[Any] = SimpleQueue()
    latencies: list[float] = []
    errors: list[BaseException] = []

    def serve() -> None:
        while (arrival := waiting.get()) is not None:
            sample, arrived = arrival
            try:
                if not errors:
                    queries[sample.index]()
            except Exception as error:  # LoadGen waits for an answer to every query, so each gets one
                errors.append(error)
            latencies.append((perf_counter() - arrived) * 1000)
            loadgen.QuerySamplesComplete([loadgen.QuerySampleResponse(sample.id, 0, 0)])

    def arrive(samples: Sequence[Any]) -> None:
        for sample in samples:
            waiting.put((sample, perf_counter()))

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    system = loadgen.ConstructSUT(arrive, lambda: None)
    library = loadgen.ConstructQSL(len(queries), len(queries), lambda _: None, lambda _: None)
    try:
        with TemporaryDirectory() as folder:
            settings = _settings(loadgen, rate, seconds, seed)
            loadgen.StartTestWithLogSettings(system, library, settings, _logging(loadgen, folder))
            results = _results(Path(folder) / "mlperf_log_detail.txt")
    finally:
        waiting.put(None)
        server.join()
        loadgen.DestroyQSL(library)
        loadgen.DestroySUT(system)
    if errors:
        raise errors[0]
    p50, p90, p99 = (results[f"result_{p}.00_percentile_latency_ns"] / 1e6 for p in (50, 90, 99))
    return Trial(rate, int(results["result_query_count"]), p50, p90, p99, tail_of(latencies))


def tail_of(latencies_ms: Sequence[float]) -> Interval | Missing:
    """The p99 of queries in the order of their arrival: those that wait in one queue are slow together."""
    return percentile([[[latency] for latency in latencies_ms]], 99)


def highest_rate(
    queries: Sequence[Callable[[], object]], bound_ms: float, seconds: float, seed: int, load: Load = poisson_load
) -> ServerResult:
    """Search the highest rate at which `Trial.is_within` `bound_ms`, by halving; `seconds` for all trials together.

    Between 0 and the rate of a server that never rests lies the answer: beyond it the queue only grows.
    """
    alone = min(_timed(query) for query in queries for _ in range(_ALONE if len(queries) == 1 else 1))
    if alone * 1000 > bound_ms:
        return ServerResult(None, None, alone * 1000)
    met: Trial | None = None
    missed: Trial | None = None
    low, high = 0.0, 1 / alone
    for number in range(TRIALS):
        trial = load(queries, (low + high) / 2, seconds / TRIALS, seed + number)
        if trial.is_within(bound_ms):
            met, low = trial, trial.rate
        else:
            missed, high = trial, trial.rate
    return ServerResult(met, missed, alone * 1000)


def _timed(query: Callable[[], object]) -> float:
    start = perf_counter()
    query()
    return perf_counter() - start


def _settings(loadgen: Any, rate: float, seconds: float, seed: int) -> Any:
    settings = loadgen.TestSettings()
    settings.scenario = loadgen.TestScenario.Server
    settings.mode = loadgen.TestMode.PerformanceOnly
    settings.server_target_qps = rate
    settings.min_duration_ms = round(seconds * 1000)
    settings.min_query_count = 1
    settings.schedule_rng_seed = settings.sample_index_rng_seed = settings.qsl_rng_seed = seed
    return settings


def _logging(loadgen: Any, folder: str) -> Any:
    logging = loadgen.LogSettings()
    logging.log_output.outdir = folder
    logging.log_output.copy_summary_to_stdout = False
    logging.enable_trace = False
    return logging


def _results(log: Path) -> dict[str, float]:
    """The numbers that LoadGen leaves in its log: a line of JSON each, after a marker."""
    entries = (json.loads(line.partition(" ")[2]) for line in log.read_text().splitlines() if line)
    return {entry["key"]: float(entry["value"]) for entry in entries if entry["key"] in _RESULTS}
