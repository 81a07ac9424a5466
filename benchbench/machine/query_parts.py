"""What a query on an accelerator is made of: the way there, the computing, the way back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueryParts:
    """One query in ms, by the accelerator's own clock."""

    to_device_ms: float
    compute_ms: float
    to_host_ms: float

    @property
    def copy_share(self) -> float:
        """What both copies take of the whole."""
        copies = self.to_device_ms + self.to_host_ms
        return copies / (copies + self.compute_ms)
