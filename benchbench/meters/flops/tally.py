"""What one counter found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tally:
    """`flops`: matrix work, in FLOP. `by_operator`, `by_module`: the same by operator and by module (nested modules
    are contained in their parents). `other`: FLOP outside matrix work, where the counter knows them.

    `missed`: operators that ran and that the counter has no rule for. `flops` is wrong unless this is empty.
    """

    flops: int
    by_operator: Mapping[str, int] = field(default_factory=dict)
    by_module: Mapping[str, int] = field(default_factory=dict)
    other: int | None = None
    missed: tuple[str, ...] = ()
