"""How the time of an efficiency cell is divided among what it measures."""

from __future__ import annotations

from dataclasses import dataclass

from benchbench.meters.energy import READING_SECONDS

_ENERGY_SHARE = 0.65  # at most, of the whole
_MOST_PEAK_SECONDS, _PEAK_SHARE = 2.0, 0.05


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds for each race of all models, for their energy, and for the machine's peak.

    `energy_seconds`: for a reading of each model alone. `shared_energy_seconds`: for one reading of all models in
    turn. One of them is 0, or both where a reading would take more than its share.
    """

    race_seconds: float
    energy_seconds: float
    shared_energy_seconds: float
    peak_seconds: float

    @classmethod
    def divide(cls, seconds: float, models: int, races: int = 1, *, energy: bool = True) -> Budget:
        """Energy first, because a reading has a floor: each model alone if that fits, else all in turn, else none.

        `energy`: whether it is asked for.
        """
        peak = min(_MOST_PEAK_SECONDS, seconds * _PEAK_SHARE)
        most = seconds * _ENERGY_SHARE if energy else 0.0
        alone = READING_SECONDS if READING_SECONDS * models <= most else 0.0
        shared = READING_SECONDS if not alone and most >= READING_SECONDS else 0.0
        return cls((seconds - peak - alone * models - shared) / races, alone, shared, peak)
