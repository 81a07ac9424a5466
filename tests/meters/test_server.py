"""The highest rate of random queries: the search on a queue whose answer is known, and LoadGen itself."""

import random
import time

import pytest

from benchbench.errors import Missing
from benchbench.meters import server
from benchbench.meters.server import Trial, highest_rate, poisson_load, tail_of

SERVICE_SECONDS = 0.01


def queue(queries, rate, seconds, seed):
    """One server, first come, first served, in simulated time."""
    generator, arrival, free, waits = random.Random(seed), 0.0, 0.0, []
    while arrival < 20_000 * SERVICE_SECONDS:
        arrival += generator.expovariate(rate)
        free = max(free, arrival) + SERVICE_SECONDS
        waits.append((free - arrival) * 1000)
    tail = tail_of(waits)
    waits.sort()
    return Trial(rate, len(waits), *(waits[int(q * len(waits))] for q in (0.5, 0.9, 0.99)), tail)


def work():
    time.sleep(SERVICE_SECONDS)


def test_the_rate_found_meets_the_bound_and_the_next_one_does_not():
    found = highest_rate([work], 30, seconds=1, seed=0, load=queue)
    assert found.met.p99_ms <= found.met.tail.high <= 30 < found.missed.tail.high
    # Erlang's formula for M/D/1: at a load of 0.32 one query in a hundred waits for more than two services.
    assert found.met.rate * SERVICE_SECONDS == pytest.approx(0.32, abs=0.1)
    assert found.missed.rate / found.met.rate < 1.05


def test_a_looser_bound_allows_a_higher_rate():
    tight, loose = (highest_rate([work], bound, 1, 0, queue).met.rate for bound in (20, 100))
    assert loose > 1.3 * tight


def test_no_rate_is_found_where_a_query_alone_takes_too_long():
    found = highest_rate([work], 5, seconds=1, seed=0, load=queue)
    assert found.met is None
    assert found.alone_ms >= 10


def test_with_too_few_queries_the_p99_itself_decides_and_says_so():
    trial = Trial(10, 50, 9.0, 10.0, 11.0, tail_of([9.0] * 50))
    assert trial.is_within(11)
    assert not trial.is_within(10.9)
    assert trial.tail.reason == "needs 299 queries, has 50"


def test_queries_that_waited_in_one_queue_are_no_evidence_for_the_next():
    waits = [10.0 + i / 1000 for i in range(500)]
    assert tail_of(waits[:250] + [50.0 + i for i in range(10)] + waits[250:]).reason.startswith("needs 299 queries")


@pytest.mark.skipif(server.unavailable() is not None, reason="LoadGen is not installed")
class TestLoadGen:
    def test_queries_arrive_at_the_rate_asked_for(self):
        trial = poisson_load([lambda: None], rate=200, seconds=1, seed=0)
        assert trial.queries == pytest.approx(200, rel=0.3)
        assert 0 < trial.p50_ms <= trial.p90_ms <= trial.p99_ms
        assert isinstance(trial.tail, Missing)

    def test_waiting_in_the_queue_counts_as_latency(self):
        trial = poisson_load([work], rate=300, seconds=1, seed=0)  # three times what the server can do
        assert trial.p99_ms > 300

    def test_what_a_query_raises_is_raised(self):
        with pytest.raises(ZeroDivisionError):
            poisson_load([lambda: 1 / 0], rate=50, seconds=0.5, seed=0)
