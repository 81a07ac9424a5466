"""How the time of an efficiency cell is divided among what it measures."""

from __future__ import annotations

from dataclasses import dataclass

from benchbench.meters.energy import MIN_SECONDS

_ENERGY_SECONDS = MIN_SECONDS + 0.4  # a little more than a reading must have
_ENERGY_SHARE = 0.7  # at most, of the whole
_PEAK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds for the race of all models, for the energy of each model (0: none), and for the machine's peak."""

    race_seconds: float
    energy_seconds: float
    peak_seconds: float

    @classmethod
    def divide(cls, seconds: float, models: int) -> Budget:
        """Energy first, because it has a floor; it is left out where it would take more than its share."""
        peak = min(_PEAK_SECONDS, seconds / 10)
        energy = max(_ENERGY_SECONDS, seconds * _ENERGY_SHARE / 2 / models)
        if energy * models > seconds * _ENERGY_SHARE:
            energy = 0.0
        return cls(seconds - peak - energy * models, energy, peak)
