"""Several partitions against one another: in every round each fills the machine once, with fresh processes."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from benchbench import machine
from benchbench.errors import Missing
from benchbench.meters import neighbours, statistics
from benchbench.meters.percentiles import percentile
from benchbench.records import Interval
from benchbench.studies.instances.filling import Filling, Load, Metered, Served, fill
from benchbench.studies.instances.partitions import Partition, Rates, queue, whole, worthwhile
from benchbench.studies.workers.allocation import LEAST_PROCESSES
from benchbench.targets.protocol import Prepared, Shape

_SHORT = 0.5  # of the seconds of a round, for a look at what may be worth one
_MOST_MEMORY = 0.9  # of what this process may use
_UNKNOWN = (0.0, math.inf)  # the ends of an interval of rates that is not known


@dataclass(frozen=True)
class Contest:
    """`fillings`: of each partition, one a round, all of the same rounds. `failures`: why one has none.

    `compared_with`: one process with all cores.
    """

    fillings: Mapping[Partition, Sequence[Filling]]
    failures: Mapping[Partition, Missing]
    compared_with: Partition

    def rate(self, partition: Partition, shape: Shape) -> Interval:
        """Examples per second, with Student's interval over rounds."""
        took = statistics.median(self._took(partition, self._standing(shape, partition), shape))
        return (
            Interval(1 / took.value, 1 / took.high, 1 / took.low) if took.low else Interval(1 / took.value, *_UNKNOWN)
        )

    def gain(self, partition: Partition, shape: Shape) -> Interval:
        """Its rate over that of one process with all cores, paired round by round."""
        rounds = self._standing(shape, partition, self.compared_with)
        one, several = (self._took(each, rounds, shape) for each in (self.compared_with, partition))
        return statistics.ratio(one, several)

    def median(self, partition: Partition, shape: Shape) -> Interval:
        """Of the time of a query, in ms."""
        return statistics.median([each.slices for each in self._all_served(partition, shape)])

    def percentile(self, partition: Partition, shape: Shape, q: float) -> Interval | Missing:
        """The same for a tail; queries that run at the same time go together."""
        served = self._all_served(partition, shape)
        seconds = sum(each.period.seconds for each in served)
        return percentile([each.slices for each in served], q, seconds=seconds)

    def queries(self, partition: Partition, shape: Shape) -> int:
        return sum(len(part) for served in self._all_served(partition, shape) for part in served.slices)

    def rounds(self, shape: Shape, *partitions: Partition) -> int:
        """That stand behind what is told of the `partitions`."""
        return len(self._standing(shape, *partitions))

    def disturbed(self, shape: Shape, *partitions: Partition) -> str:
        """What to say of their values where neighbours disturbed them; else empty."""
        rounds = self._standing(shape, *partitions)
        return neighbours.note(
            self._served(each, number, shape).disturbance for each in partitions for number in rounds
        )

    def memory_bytes(self, partition: Partition) -> int:
        """Of all its processes together: the most of any round."""
        return max(filling.memory_bytes for filling in self.fillings[partition])

    def energy(self, partition: Partition) -> Metered | None:
        return next((filling.energy for filling in self.fillings[partition] if filling.energy), None)

    def _all_served(self, partition: Partition, shape: Shape) -> Sequence[Served]:
        return [self._served(partition, number, shape) for number in self._standing(shape, partition)]

    def _standing(self, shape: Shape, *partitions: Partition) -> Sequence[int]:
        """The rounds in which no neighbour disturbed any of the `partitions`, where these are enough; else all."""
        rounds = range(len(self.fillings[partitions[0]]))
        quiet = [number for number in rounds if not any(self._is_disturbed(p, number, shape) for p in partitions)]
        return quiet if len(quiet) >= LEAST_PROCESSES else rounds

    def _is_disturbed(self, partition: Partition, number: int, shape: Shape) -> bool:
        beside = self._served(partition, number, shape).disturbance
        return beside is not None and beside.disturbs

    def _served(self, partition: Partition, number: int, shape: Shape) -> Served:
        return self.fillings[partition][number].served[shape]

    def _took(self, partition: Partition, rounds: Sequence[int], shape: Shape) -> Sequence[statistics.Rounds]:
        """Seconds for one example, each round as a process of its own: its processes were fresh ones."""
        return [[[1 / self._served(partition, number, shape).rate]] for number in rounds]


@dataclass(frozen=True, slots=True)
class Conditions:
    """`partitions`: those that take part, None for the ones that are worth it. `queue`: the engine has one.

    `apart`: the physical cores, each as its logical ones. `load`: of one partition in one round.
    """

    partitions: Sequence[Partition] | None
    queue: bool
    apart: Sequence[Sequence[int]]
    load: Load
    rounds: int
    seed: int


def hold(prepared: Sequence[Prepared], conditions: Conditions) -> Contest:
    """One model, `prepared` at each shape. One process with all cores always takes part.

    A partition that fails in any round is out with its reason, and the others go on.
    """
    return _Rounds(prepared, conditions).held()


class _Rounds:
    """A contest as it is held."""

    def __init__(self, prepared: Sequence[Prepared], conditions: Conditions) -> None:
        self._prepared, self._conditions = prepared, conditions
        self._cores = len(conditions.apart)
        self._failures: dict[Partition, Missing] = {}
        self._process_bytes = 0  # of one with all cores

    def held(self) -> Contest:
        entrants = self._entrants()
        made: dict[Partition, list[Filling]] = {each: [] for each in entrants}
        for number in range(self._conditions.rounds):
            for partition in self._in_order(entrants, number):
                load = self._conditions.load if number == 0 else replace(self._conditions.load, energy_seconds=0.0)
                filling = self._filled(partition, load, number)
                if not isinstance(filling, Missing):
                    made[partition].append(filling)
        stayed = {each: fillings for each, fillings in made.items() if each not in self._failures}
        return Contest(stayed, self._failures, whole(self._cores))

    def _entrants(self) -> Sequence[Partition]:
        given = self._conditions.partitions
        chosen = worthwhile(self._cores, self._rates) if given is None else given
        own = [queue(self._cores)] if self._conditions.queue else []
        return list(dict.fromkeys([whole(self._cores), *chosen, *own]))

    def _in_order(self, entrants: Sequence[Partition], number: int) -> Iterator[Partition]:
        """Another one in every round; the first begins with one process, which tells what a process takes."""
        order = [each for each in entrants if each not in self._failures]
        if number:
            random.Random(self._conditions.seed + number).shuffle(order)
        yield from order

    def _rates(self, partition: Partition) -> Rates:
        load = Load(_SHORT * self._conditions.load.seconds)
        found = self._filled(partition, load, self._conditions.rounds)
        return {} if isinstance(found, Missing) else {shape: served.rate for shape, served in found.served.items()}

    def _filled(self, partition: Partition, load: Load, number: int) -> Filling | Missing:
        seed = self._conditions.seed + number
        reason = self._impossible(partition)
        found = reason or fill(partition, self._prepared, self._conditions.apart, load, seed)
        if isinstance(found, Missing):
            self._failures[partition] = found
        elif partition == whole(self._cores):
            self._process_bytes = found.memory_bytes
        return found

    def _impossible(self, partition: Partition) -> Missing | None:
        if partition.cores > self._cores:
            return Missing(f"it takes {partition.cores} cores, and {self._cores} may be used")
        wanted, limit = partition.processes * self._process_bytes, _MOST_MEMORY * machine.memory_limit_bytes()
        if wanted > limit:
            return Missing(f"its processes would take {wanted / 1e9:.3g} GB of memory, and {limit / 1e9:.3g} GB may be")
        return None
