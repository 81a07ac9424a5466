"""codecarbon, and all that is known here about its insides: the one file that touches its private names.

Its offline tracker reads power: no network, no files, one tracker a reading, one power sample a second.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from functools import cache
from typing import Any

from benchbench.errors import unknown

PRIVATE_NAMES = {
    "OfflineEmissionsTracker": (
        "_ensure_hardware_ready",
        "_hardware",
        "_power_measurement_count",
        "final_emissions_data",
    ),
    "CPU": ("_mode", "_model", "_tdp", "_is_generic_tdp"),
    "TDP": ("_get_cpu_power_from_registry",),
}
"""What this file takes from codecarbon that none of its documents promises, by class. A new version may lack one."""

JOULES_PER_KWH = 3.6e6
SAMPLING_SECONDS = 1.0

_METERS = {
    "intel_rapl": "RAPL counter of the CPU package",
    "windows_emi": "RAPL counter of the CPU package, through the Windows Energy Meter Interface",
    "intel_power_gadget": "RAPL counter of the CPU package, through Intel Power Gadget",
}
_BY_THREAD = "codecarbon's 4 W per thread for a CPU that its table does not have"
_MODELS = {"cpu_load": "TDP × (0.1 + 0.9 × load³)", "constant": "TDP × 0.5"}
TDP_MODELS = frozenset(_MODELS.values())
"""The words for a power that is a CPU's TDP times a factor."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A country's electricity. `intensity_g_per_kwh`: gCO2eq per kWh; `year`: of the figures behind it."""

    country: str
    name: str
    intensity_g_per_kwh: float
    year: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What a tracker added up over `seconds`, in `samples` of power. `gpus`: their names, empty where none is seen."""

    seconds: float
    samples: int
    cpu_joules: float
    gpu_joules: float
    ram_joules: float
    gpus: str
    version: str


@dataclass(frozen=True, slots=True)
class CpuPower:
    """Where a tracker has the CPU's power from. `meter`: the hardware's counter; empty where it is modelled.

    `mode`: codecarbon's word. `model`: the formula over `tdp_watts`, a busy CPU's power, which has a `tdp_source`.
    `by_thread`: those watts are of the threads that the system sees; else of whole sockets.
    """

    mode: str
    meter: str
    model: str
    tdp_watts: float | None
    tdp_source: str
    by_thread: bool = False


@cache
def grid(country: str) -> Grid:
    """The grid of `country` (ISO 3166-1 alpha-3) from codecarbon's own table. Raises `InputError` if it has none."""
    from codecarbon.core.emissions import Emissions
    from codecarbon.core.units import Energy
    from codecarbon.external.geography import GeoMetadata

    source, table = _tables()
    if country not in table:
        raise unknown("country", country, table)
    place = GeoMetadata(country_iso_code=country, country_name=table[country]["country_name"])
    kilograms = Emissions(source).get_country_emissions(Energy.from_energy(kWh=1), place)
    return Grid(country, table[country]["country_name"], kilograms * 1000, int(table[country]["year"]))


class Tracker:
    """One reading: `start`, the work, `stop`, `totals`. `tdp_watts`: a declared power of the whole CPU."""

    def __init__(self, place: Grid, tdp_watts: float | None = None) -> None:
        self._tracker = _silent_tracker(place, tdp_watts)

    def start(self) -> None:
        self._tracker.start()

    def stop(self) -> None:
        self._tracker.stop()

    def totals(self) -> Totals | None:
        """After `stop`; None where codecarbon could not set itself up."""
        data = getattr(self._tracker, "final_emissions_data", None)
        if data is None:
            return None
        return Totals(
            seconds=data.duration,
            samples=self._tracker._power_measurement_count - 1,  # the first is taken at the start and covers no time
            cpu_joules=data.cpu_energy * JOULES_PER_KWH,
            gpu_joules=data.gpu_energy * JOULES_PER_KWH,
            ram_joules=data.ram_energy * JOULES_PER_KWH,
            gpus=data.gpu_model or "",
            version=data.codecarbon_version,
        )

    def cpu_power(self) -> CpuPower:
        """Apple's powermetrics are estimates by Apple's own account, so no meter."""
        cpu = self._cpu()
        kind, mode = type(cpu).__name__, getattr(cpu, "_mode", None)
        meter = "power management chip of the board" if kind == "Raspberry" else _METERS.get(str(mode), "")
        watts, source = _busy_watts(cpu)
        model = _MODELS.get(str(mode), f"estimate by {kind}")
        return CpuPower(str(mode or kind), meter, model, watts, source, by_thread=source == _BY_THREAD)

    def _cpu(self) -> Any:
        """codecarbon's object for the CPU, None when it found none or could not set itself up."""
        if not hasattr(self._tracker, "_hardware"):
            return None
        self._tracker._ensure_hardware_ready()
        parts = [part for part in self._tracker._hardware if type(part).__name__ not in ("RAM", "GPU")]
        return next((part for part in parts if getattr(part, "chip_part", "CPU") == "CPU"), None)


def _silent_tracker(place: Grid, tdp_watts: float | None) -> Any:
    """Everything that a configuration file could turn on (an endpoint, a token, a factor) is set here."""
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


def _busy_watts(cpu: Any) -> tuple[float | None, str]:
    """The power that codecarbon takes for a fully busy CPU, and where it has it from."""
    watts, model = getattr(cpu, "_tdp", None), getattr(cpu, "_model", "")
    if getattr(cpu, "_is_generic_tdp", False):
        return watts, "codecarbon's constant for an unknown CPU"
    if _in_tdp_table(model):
        return watts, f"codecarbon's table of CPUs: {model}"
    return watts, _BY_THREAD


@cache
def _in_tdp_table(model: str) -> bool:
    from codecarbon.core import cpu
    from codecarbon.core.hardware_cache import get_cached_tdp

    tdp: Any = get_cached_tdp(cpu)  # type: ignore[no-untyped-call]
    return bool(model) and tdp._get_cpu_power_from_registry(model) is not None


@cache
def _tables() -> tuple[Any, Any]:
    """codecarbon's data source, and its table of countries, which it reads from a file at every call."""
    from codecarbon.input import DataSource

    source: Any = DataSource()  # type: ignore[no-untyped-call]
    return source, source.get_global_energy_mix_data()
