"""Energy of a stretch of work, and what it emits on a country's grid.

Each reading says what it is: metered by a counter of the hardware, or modelled from constants, part by part.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from benchbench import machine
from benchbench.errors import Missing
from benchbench.meters.codecarbon_adapter import JOULES_PER_KWH, TDP_MODELS, CpuPower, Grid, Totals, Tracker, grid
from benchbench.quantities import Basis
from benchbench.records import WHOLE_SOCKET

DEFAULT_COUNTRY = "USA"
MIN_SECONDS = 10.0
MIN_SAMPLES = 5

READING_SECONDS = MIN_SECONDS + 0.4
"""How long a study works under a meter: a little more than a reading must have."""

GRID_COUNTRIES = ("NOR", "FRA", "USA", "POL", "IND")
"""From nearly all hydropower to mostly coal: the same energy under each shows how much the grid decides."""


@dataclass(frozen=True, slots=True)
class MeterSettings:
    """What a reading cannot find out by itself.

    `country`: ISO 3166-1 alpha-3, for the grid. `tdp_watts` with `tdp_source`: a declared power of the whole CPU, used
    where no counter is found; None leaves it to codecarbon's table.
    """

    country: str = DEFAULT_COUNTRY
    tdp_watts: float | None = None
    tdp_source: str = ""


@dataclass(frozen=True, slots=True)
class EnergyReading:
    """What a stretch of work cost. The whole machine is charged: other work on it is in the figure too. Of a modelled
    CPU it is the share of the cores that this process may use.

    `seconds`: wall-clock length. `cpu_joules`, `gpu_joules`, `ram_joules`: the split (GPU: all that codecarbon sees;
    0 where there is none). `basis`: `MEASURED` when counters metered the CPU (RAPL) and every GPU (NVML, AMD SMI), else
    `MODELLED`. `bases`: the same for each part alone; RAM is always modelled. `samples`: power samples.
    `country`: ISO 3166-1 alpha-3. `constants`: the model of power with its watts and their source.
    `explanation`: all that in a sentence.
    """

    seconds: float
    cpu_joules: float
    gpu_joules: float
    ram_joules: float
    basis: Basis
    bases: Mapping[str, Basis]
    samples: int
    country: str
    constants: Mapping[str, object]
    explanation: str

    @property
    def joules(self) -> float:
        return self.cpu_joules + self.gpu_joules + self.ram_joules

    @property
    def watts(self) -> float:
        """Mean power over the reading."""
        return self.joules / self.seconds


@dataclass(frozen=True, slots=True)
class PartOfCpu:
    """The `share` of a modelled CPU's power that is charged, and why, as the end of a sentence."""

    share: float
    words: str


WHOLE = PartOfCpu(1.0, "")


def part_of_cpu(usable: float, cores: int, *, hidden: bool) -> PartOfCpu:
    """What is charged of a CPU with `cores` logical cores, of which this process may use the `usable` ones.

    `hidden`: its sockets have more, as those under a virtual machine, which does not see how many. Then all is charged
    that is not known to be others', and the words say so.
    """
    share = min(1.0, usable / cores)
    part = f", {usable:g} of {cores} logical cores of it: those that may be used here" if share < 1 else ""
    socket = f"; a virtual machine is {WHOLE_SOCKET}, whose other cores it does not see" if hidden else ""
    return PartOfCpu(share, part + socket)


def grids() -> tuple[Grid, ...]:
    """The grids of `GRID_COUNTRIES`, clean to dirty."""
    return tuple(sorted((grid(country) for country in GRID_COUNTRIES), key=lambda g: g.intensity_g_per_kwh))


def emissions_g(joules: float, country: str) -> float:
    """gCO2eq of `joules` on the grid of `country`. Raises `InputError` for a country without a figure."""
    return joules / JOULES_PER_KWH * grid(country).intensity_g_per_kwh


@contextmanager
def measure_energy(settings: MeterSettings) -> Iterator[EnergyMeter]:
    """Meter the body of a `with`; afterwards `meter.reading()` gives an `EnergyReading`, or why there is none.

    Raises `InputError` for a country without a figure. Setting up (about 1.5 s the first time) is not in the reading.
    """
    meter = EnergyMeter(settings)
    meter.start()
    try:
        yield meter
    finally:
        meter.stop()


def measure_idle(settings: MeterSettings, seconds: float = MIN_SECONDS + 0.5) -> EnergyReading | Missing:
    """The machine while this process sleeps: the baseline, to be reported apart and never subtracted silently."""
    with measure_energy(settings) as meter:
        time.sleep(seconds)
    return meter.reading()


class EnergyMeter:
    """One reading by one tracker: `start`, the work, `stop`, `reading`."""

    def __init__(self, settings: MeterSettings) -> None:
        self._settings = settings
        self._grid = grid(settings.country)
        self._tracker = Tracker(self._grid)

    def start(self) -> None:
        if self._settings.tdp_watts and not self._tracker.cpu_power().meter:
            self._tracker = Tracker(self._grid, self._settings.tdp_watts)
        self._tracker.start()

    def stop(self) -> None:
        self._tracker.stop()

    def reading(self) -> EnergyReading | Missing:
        """The reading, after `stop`; `Missing` when it is shorter than 10 s or has fewer than 5 power samples."""
        totals = self._tracker.totals()
        if totals is None:
            return Missing("codecarbon could not read this machine's power")
        if totals.seconds < MIN_SECONDS or totals.samples < MIN_SAMPLES:
            return Missing(
                f"{totals.seconds:.1f} s with {totals.samples} power samples are too short for an energy figure; "
                f"at least {MIN_SECONDS:.0f} s and {MIN_SAMPLES} samples are needed"
            )
        cpu = self._tracker.cpu_power()
        if cpu.meter and totals.cpu_joules <= 0:
            return Missing("the CPU's energy counter did not advance")
        return self._describe(totals, cpu)

    def _describe(self, totals: Totals, cpu: CpuPower) -> EnergyReading:
        part = self._part(cpu)
        totals = replace(totals, cpu_joules=totals.cpu_joules * part.share)
        basis = Basis.MEASURED if cpu.meter else Basis.MODELLED
        bases = {"cpu": basis, "ram": Basis.MODELLED}
        if totals.gpus:
            bases["gpu"] = Basis.MEASURED  # codecarbon has no model of a GPU: its figures come from NVML or AMD SMI
        constants = self._constants(totals, cpu, part)
        return EnergyReading(
            seconds=totals.seconds,
            cpu_joules=totals.cpu_joules,
            gpu_joules=totals.gpu_joules,
            ram_joules=totals.ram_joules,
            basis=basis,
            bases=bases,
            samples=totals.samples,
            country=self._grid.country,
            constants=constants,
            explanation=_explain(constants, totals, part.words),
        )

    def _part(self, cpu: CpuPower) -> PartOfCpu:
        if cpu.meter or cpu.model not in TDP_MODELS:
            return WHOLE
        here = machine.machine_here()
        hidden = bool(here.virtualised) and not cpu.by_thread and not self._settings.tdp_watts
        return part_of_cpu(machine.usable_cores(), here.logical_cores or 1, hidden=hidden)

    def _constants(self, totals: Totals, cpu: CpuPower, part: PartOfCpu) -> dict[str, object]:
        constants: dict[str, object] = {
            "codecarbon": totals.version,
            "scope": "whole machine",
            "cpu_mode": cpu.mode,
            "cpu_mean_watts": totals.cpu_joules / totals.seconds,
            "ram_watts": totals.ram_joules / totals.seconds,
            "ram_model": "codecarbon: a constant by the size of the memory (x86: 5 W a module, modules estimated)",
            "grid_year": self._grid.year,
            "power_usage_effectiveness": 1.0,
        }
        if totals.gpus:
            constants["gpu"] = totals.gpus
        if cpu.meter:
            return constants | {"cpu_meter": cpu.meter}
        watts, source = cpu.tdp_watts, cpu.tdp_source
        if self._settings.tdp_watts:
            watts, source = self._settings.tdp_watts, self._settings.tdp_source or "declared by the target"
        model = {"cpu_tdp_watts": watts, "cpu_tdp_source": source, "cpu_model": cpu.model, "cpu_share": part.share}
        return constants | model


def _explain(constants: Mapping[str, object], totals: Totals, part: str) -> str:
    ram_share = totals.ram_joules / (totals.cpu_joules + totals.gpu_joules + totals.ram_joules)
    ram = f"memory is charged a constant {constants['ram_watts']:.0f} W, {ram_share:.0%} of the joules"
    gpu = f"the GPU ({constants['gpu']}) is metered; " if "gpu" in constants else ""
    if "cpu_meter" in constants:
        return f"Measured: {constants['cpu_meter']}; {gpu}{ram}."
    return (
        f"Modelled, not metered: no power counter of the CPU can be read here (a virtual machine has none), so it is "
        f"charged {constants['cpu_model']} with a TDP of {constants['cpu_tdp_watts']} W "
        f"({constants['cpu_tdp_source']}){part}; "
        f"{gpu}{ram}."
    )
