"""Energy of a stretch of work, and what it emits on a country's grid.

codecarbon's offline tracker does the reading: no network, no files, one tracker a reading, one power sample a second.
Each reading says what it is: metered by a counter of the hardware, or modelled from constants, part by part.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from benchbench.errors import unknown
from benchbench.quantities import Basis

DEFAULT_COUNTRY = "USA"
MIN_SECONDS = 10.0
MIN_SAMPLES = 5
SAMPLING_SECONDS = 1.0

GRID_COUNTRIES = ("NOR", "FRA", "USA", "POL", "IND")
"""From nearly all hydropower to mostly coal: the same energy under each shows how much the grid decides."""

JOULES_PER_KWH = 3.6e6

_RAPL_MODES = {
    "intel_rapl": "RAPL counter of the CPU package",
    "windows_emi": "RAPL counter of the CPU package, through the Windows Energy Meter Interface",
    "intel_power_gadget": "RAPL counter of the CPU package, through Intel Power Gadget",
}


@dataclass(frozen=True, slots=True)
class EnergyReading:
    """What a stretch of work cost. The whole machine is charged: other work on it is in the figure too.

    `seconds`: wall-clock length. `cpu_joules`, `gpu_joules`, `ram_joules`: the split (GPU: all that codecarbon sees;
    0 where there is none). `basis`: `MEASURED` when counters metered the CPU (RAPL) and every GPU (NVML, AMD SMI), else
    `MODELLED`. `bases`: the same for each part alone; RAM is always modelled. `samples`: power samples.
    `country`: ISO 3166-1 alpha-3. `grid_intensity_g_per_kwh`: gCO2eq per kWh, codecarbon's table.
    `constants`: the model of power with its watts and their source. `explanation`: all that in a sentence.
    """

    seconds: float
    cpu_joules: float
    gpu_joules: float
    ram_joules: float
    basis: Basis
    bases: Mapping[str, Basis]
    samples: int
    country: str
    grid_intensity_g_per_kwh: float
    constants: Mapping[str, object]
    explanation: str

    @property
    def joules(self) -> float:
        return self.cpu_joules + self.gpu_joules + self.ram_joules

    @property
    def watts(self) -> float:
        """Mean power over the reading."""
        return self.joules / self.seconds

    @property
    def emissions_g(self) -> float:
        """gCO2eq on the reading's own grid."""
        return self.joules / JOULES_PER_KWH * self.grid_intensity_g_per_kwh


@dataclass(frozen=True, slots=True)
class Refusal:
    """No reading, and why in one sentence: too short to mean something, or nothing to read."""

    reason: str
    seconds: float
    samples: int


@dataclass(frozen=True, slots=True)
class MeterSettings:
    """What a reading needs to know of the place: `country` (ISO 3166-1 alpha-3), whose grid it is.

    `tdp_watts` with `tdp_source`: a declared power of the whole CPU, used where no counter is found.
    """

    country: str = DEFAULT_COUNTRY
    tdp_watts: float | None = None
    tdp_source: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A country's electricity. `intensity_g_per_kwh`: gCO2eq per kWh; `year`: of the figures behind it."""

    country: str
    name: str
    intensity_g_per_kwh: float
    year: int


def grid(country: str) -> Grid:
    """The grid of `country` (ISO 3166-1 alpha-3) from codecarbon's own table. Raises `InputError` if it has none."""
    from codecarbon.core.emissions import Emissions
    from codecarbon.core.units import Energy
    from codecarbon.external.geography import GeoMetadata
    from codecarbon.input import DataSource

    source: Any = DataSource()  # type: ignore[no-untyped-call]
    table = source.get_global_energy_mix_data()
    if country not in table:
        raise unknown("country", country, table)
    place = GeoMetadata(country_iso_code=country, country_name=table[country]["country_name"])
    kilograms = Emissions(source).get_country_emissions(Energy.from_energy(kWh=1), place)
    return Grid(country, table[country]["country_name"], kilograms * 1000, int(table[country]["year"]))


def grids() -> tuple[Grid, ...]:
    """The grids of `GRID_COUNTRIES`, clean to dirty."""
    return tuple(sorted((grid(country) for country in GRID_COUNTRIES), key=lambda g: g.intensity_g_per_kwh))


def emissions_g(joules: float, country: str) -> float:
    """gCO2eq of `joules` on the grid of `country`. Raises `InputError` for a country without a figure."""
    return joules / JOULES_PER_KWH * grid(country).intensity_g_per_kwh


@contextmanager
def measure_energy(
    country: str = DEFAULT_COUNTRY, tdp_watts: float | None = None, tdp_source: str = ""
) -> Iterator[EnergyMeter]:
    """Meter the body of a `with`; afterwards `meter.reading()` gives an `EnergyReading` or a `Refusal`.

    `tdp_watts` with `tdp_source`: a declared power of the whole CPU, used where no counter is found.
    Raises `InputError` for a country without a figure. Setting up (about 1.5 s the first time) is not in the reading.
    """
    meter = EnergyMeter(country, tdp_watts, tdp_source)
    meter.start()
    try:
        yield meter
    finally:
        meter.stop()


def measure_idle(
    country: str = DEFAULT_COUNTRY,
    seconds: float = MIN_SECONDS + 0.5,
    tdp_watts: float | None = None,
    tdp_source: str = "",
) -> EnergyReading | Refusal:
    """The machine while this process sleeps: the baseline, to be reported apart and never subtracted silently."""
    with measure_energy(country, tdp_watts, tdp_source) as meter:
        time.sleep(seconds)
    return meter.reading()


class EnergyMeter:
    """One reading by one tracker: `start`, the work, `stop`, `reading`."""

    def __init__(self, country: str = DEFAULT_COUNTRY, tdp_watts: float | None = None, tdp_source: str = "") -> None:
        self._grid = grid(country)
        self._declared = (tdp_watts, tdp_source or "declared by the target") if tdp_watts else None
        self._tracker: Any = None

    def start(self) -> None:
        tracker = _tracker(self._grid)
        if self._declared and not _cpu_is_metered(tracker):
            tracker = _tracker(self._grid, self._declared[0])
        tracker.start()
        self._tracker = tracker

    def stop(self) -> None:
        if self._tracker is not None:
            self._tracker.stop()

    def reading(self) -> EnergyReading | Refusal:
        """The reading, after `stop`; a `Refusal` when it is shorter than 10 s or has fewer than 5 power samples."""
        data = getattr(self._tracker, "final_emissions_data", None)
        if data is None:
            return Refusal("codecarbon could not read this machine's power", 0.0, 0)
        samples = self._tracker._power_measurement_count - 1  # the first is taken at the start and covers no time
        if data.duration < MIN_SECONDS or samples < MIN_SAMPLES:
            reason = (
                f"{data.duration:.1f} s with {samples} power samples are too short for an energy figure; "
                f"at least {MIN_SECONDS:.0f} s and {MIN_SAMPLES} samples are needed"
            )
            return Refusal(reason, data.duration, samples)
        if _cpu_is_metered(self._tracker) and data.cpu_energy <= 0:
            return Refusal("the CPU's energy counter did not advance", data.duration, samples)
        return self._describe(data, samples)

    def _describe(self, data: Any, samples: int) -> EnergyReading:
        cpu_basis = Basis.MEASURED if _cpu_is_metered(self._tracker) else Basis.MODELLED
        bases = {"cpu": cpu_basis, "ram": Basis.MODELLED}
        if data.gpu_model:
            bases["gpu"] = Basis.MEASURED  # codecarbon has no model of a GPU: its figures come from NVML or AMD SMI
        joules = {
            "cpu": data.cpu_energy * JOULES_PER_KWH,
            "gpu": data.gpu_energy * JOULES_PER_KWH,
            "ram": data.ram_energy * JOULES_PER_KWH,
        }
        constants = self._constants(data)
        return EnergyReading(
            seconds=data.duration,
            cpu_joules=joules["cpu"],
            gpu_joules=joules["gpu"],
            ram_joules=joules["ram"],
            basis=cpu_basis,
            bases=bases,
            samples=samples,
            country=self._grid.country,
            grid_intensity_g_per_kwh=self._grid.intensity_g_per_kwh,
            constants=constants,
            explanation=_explain(constants, joules),
        )

    def _constants(self, data: Any) -> dict[str, object]:
        cpu = _cpu(self._tracker)
        constants: dict[str, object] = {
            "codecarbon": data.codecarbon_version,
            "scope": "whole machine",
            "cpu_mode": getattr(cpu, "_mode", type(cpu).__name__),
            "cpu_mean_watts": data.cpu_energy * JOULES_PER_KWH / data.duration,
            "ram_watts": data.ram_energy * JOULES_PER_KWH / data.duration,
            "ram_model": "codecarbon: a constant by the size of the memory (x86: 5 W a module, modules estimated)",
            "grid_year": self._grid.year,
            "power_usage_effectiveness": 1.0,
        }
        if data.gpu_model:
            constants["gpu"] = data.gpu_model
        if not _cpu_is_metered(self._tracker):
            watts, source = self._declared or _tdp_of(self._tracker)
            constants |= {"cpu_tdp_watts": watts, "cpu_tdp_source": source, "cpu_model": _power_model(cpu)}
        else:
            constants["cpu_meter"] = _RAPL_MODES.get(getattr(cpu, "_mode", ""), "power management chip of the board")
        return constants


def _tracker(place: Grid, tdp_watts: float | None = None) -> Any:
    """A silent tracker. Everything a configuration file could turn on (an endpoint, a token, a factor) is set here."""
    from codecarbon import OfflineEmissionsTracker

    logging.getLogger("codecarbon").setLevel(logging.CRITICAL)  # it logs before it reads its own log_level
    return OfflineEmissionsTracker(
        country_iso_code=place.country,
        force_carbon_intensity_g_co2e_kwh=place.intensity_g_per_kwh,
        region=None,
        cloud_provider=None,
        cloud_region=None,
        country_2letter_iso_code=None,
        tracking_mode="machine",
        measure_power_secs=SAMPLING_SECONDS,
        output_methods=[],
        output_handlers=[],
        output_dir=tempfile.gettempdir(),
        emissions_endpoint=None,
        electricitymaps_api_token=None,
        api_call_interval=-1,
        allow_multiple_runs=True,  # otherwise it writes a lock file
        log_level="critical",
        force_cpu_power=tdp_watts,
        force_ram_power=None,
        force_mode_cpu_load=False,
        rapl_include_dram=False,
        rapl_prefer_psys=False,
        gpu_ids=None,
        pue=1.0,
        wue=0.0,
        metadata=None,
    )


def _cpu(tracker: Any) -> Any:
    """The tracker's CPU part, None when it found none."""
    tracker._ensure_hardware_ready()
    parts = [part for part in tracker._hardware if type(part).__name__ not in ("RAM", "GPU")]
    return next((part for part in parts if getattr(part, "chip_part", "CPU") == "CPU"), None)


def _cpu_is_metered(tracker: Any) -> bool:
    """Whether a counter meters the CPU. Apple's powermetrics are estimates by Apple's own account, so no meter."""
    cpu = _cpu(tracker)
    return getattr(cpu, "_mode", None) in _RAPL_MODES or type(cpu).__name__ == "Raspberry"


def _tdp_of(tracker: Any) -> tuple[float | None, str]:
    """The power that codecarbon takes for a fully busy CPU, and where it has it from."""
    cpu = _cpu(tracker)
    if getattr(cpu, "_is_generic_tdp", False):
        return cpu._tdp, "codecarbon's constant for an unknown CPU"
    watts = getattr(cpu, "_tdp", None)
    model = getattr(cpu, "_model", "")
    if _in_tdp_table(model):
        return watts, f"codecarbon's table of CPUs: {model}"
    return watts, "codecarbon's 4 W per thread for a CPU that its table does not have"


@cache
def _in_tdp_table(model: str) -> bool:
    from codecarbon.core import cpu
    from codecarbon.core.hardware_cache import get_cached_tdp

    tdp: Any = get_cached_tdp(cpu)  # type: ignore[no-untyped-call]
    return bool(model) and tdp._get_cpu_power_from_registry(model) is not None


def _power_model(cpu: Any) -> str:
    mode = getattr(cpu, "_mode", None)
    if mode == "cpu_load":
        return "TDP × (0.1 + 0.9 × load³)"
    if mode == "constant":
        return "TDP × 0.5"
    return f"estimate by {type(cpu).__name__}"


def _explain(constants: Mapping[str, object], joules: Mapping[str, float]) -> str:
    ram_share = joules["ram"] / sum(joules.values())
    ram = f"memory is charged a constant {constants['ram_watts']:.0f} W, {ram_share:.0%} of the joules"
    gpu = f"the GPU ({constants['gpu']}) is metered; " if "gpu" in constants else ""
    if "cpu_meter" in constants:
        return f"Measured: {constants['cpu_meter']}; {gpu}{ram}."
    return (
        f"Modelled, not metered: no power counter of the CPU can be read here (a virtual machine has none), so it is "
        f"charged {constants['cpu_model']} with a TDP of {constants['cpu_tdp_watts']} W "
        f"({constants['cpu_tdp_source']}); "
        f"{gpu}{ram}."
    )
