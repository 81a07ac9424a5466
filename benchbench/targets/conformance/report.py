"""What the conformance kit found out about a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a check ended. `value` and `limit` where there is a number; `detail` in words."""

    passed: bool
    detail: str
    value: float | None = None
    limit: float | None = None

    def to_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a target must do, and whether it does."""

    name: str
    outcome: Outcome

    @property
    def passed(self) -> bool:
        return self.outcome.passed

    def to_json(self) -> dict[str, object]:
        return {"name": self.name, **self.outcome.to_json()}


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
        return {**asdict(self), "checks": [check.to_json() for check in self.checks], "passed": self.passed}
