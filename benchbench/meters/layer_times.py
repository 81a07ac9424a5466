"""Where the time of a forward pass goes, by layer type: the measured twin of the table of FLOPs by layer type."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from benchbench.meters.flops.layer_types import LAYER_TYPES, by_layer_type


@dataclass(frozen=True, slots=True)
class LayerTimes:
    """`seconds`: median over `passes` of the time spent in each layer type, that of its inner modules apart.

    `total_seconds`: median of the whole pass, with the clocks on. Softmax and reshapes of attention stand with its
    products; normalisation, residuals and Python between modules are 'other'.
    """

    seconds: Mapping[str, float]
    total_seconds: float
    passes: int

    @property
    def shares(self) -> dict[str, float]:
        """Each layer type's share of the time, 0 to 1; they sum to 1."""
        whole = sum(self.seconds.values())
        return {part: value / whole for part, value in self.seconds.items()}


def layer_times(model: nn.Module, inputs: Mapping[str, Tensor], passes: int = 20, warm_up: int = 3) -> LayerTimes:
    """Run `model(**inputs)` with a clock around every module.

    The clocks cost some microseconds a module, which weighs on tiny models. On an accelerator each module is waited
    for, so that the shares are right and the total is too long. A model that is lowered runs its encoder as one
    function: measure the plain one.
    """
    found: list[dict[str, float]] = []
    totals: list[float] = []
    with torch.inference_mode(), _clocks(model) as clock:
        for index in range(warm_up + passes):
            clock.own.clear()
            start = clock.now()
            model(**inputs)
            if index >= warm_up:
                totals.append(clock.now() - start)
                found.append(by_layer_type(clock.own))
    medians = {part: statistics.median(one.get(part, 0.0) for one in found) for part in LAYER_TYPES}
    return LayerTimes({part: s for part, s in medians.items() if s}, statistics.median(totals), passes)


@dataclass
class _Clock:
    """`own`: seconds spent in each module itself, by name. `open`: start and inner time of the modules being run."""

    on_cpu: bool
    own: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    open: list[list[float]] = field(default_factory=list)

    def now(self) -> float:
        if not self.on_cpu:
            torch.accelerator.synchronize()
        return time.perf_counter()

    def enter(self) -> None:
        self.open.append([self.now(), 0.0])

    def leave(self, name: str) -> None:
        start, inner = self.open.pop()
        elapsed = self.now() - start
        self.own[name] += elapsed - inner
        if self.open:
            self.open[-1][1] += elapsed


@contextmanager
def _clocks(model: nn.Module) -> Iterator[_Clock]:
    clock = _Clock(on_cpu=next(model.parameters()).device.type == "cpu")
    hooks = []
    for name, module in model.named_modules():
        hooks.append(module.register_forward_pre_hook(lambda *_: clock.enter()))
        hooks.append(module.register_forward_hook(lambda *_, name=name: clock.leave(name)))
    try:
        yield clock
    finally:
        for hook in hooks:
            hook.remove()
