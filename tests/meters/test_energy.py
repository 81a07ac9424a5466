import json
import logging
import socket
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from benchbench.errors import InputError, Missing
from benchbench.meters import energy
from benchbench.meters.energy import EnergyReading, MeterSettings
from benchbench.quantities import Basis


@pytest.fixture(scope="module")
def reading(tmp_path_factory):
    """A real reading of a sleeping process, in an empty folder, with sockets forbidden."""
    with pytest.MonkeyPatch.context() as patch:

        def forbidden(*args, **kwargs):
            raise AssertionError("a socket was opened")

        patch.setattr(socket, "socket", forbidden)
        patch.setattr(socket, "create_connection", forbidden)
        patch.setattr(socket, "getaddrinfo", forbidden)
        patch.setenv("CODECARBON_CO2_SIGNAL_API_TOKEN", "somebody's")
        patch.setenv("CODECARBON_EMISSIONS_ENDPOINT", "http://192.0.2.1/")
        patch.setenv("CODECARBON_PUE", "3")
        folder = tmp_path_factory.mktemp("energy")
        patch.chdir(folder)
        found = energy.measure_idle(MeterSettings("FRA", tdp_watts=100.0, tdp_source="a data sheet"))
        assert not list(folder.iterdir())
    return found


def test_reads_without_network_and_without_writing_files(reading):
    assert isinstance(reading, EnergyReading)
    assert reading.seconds >= energy.MIN_SECONDS
    assert reading.samples >= energy.MIN_SAMPLES


def test_joules_are_the_sum_of_the_split(reading):
    assert reading.joules == pytest.approx(reading.cpu_joules + reading.gpu_joules + reading.ram_joules)
    assert reading.watts == pytest.approx(reading.joules / reading.seconds)
    assert reading.joules > 0


def test_says_whether_power_was_metered_or_modelled_and_with_which_constants(reading):
    metered = "cpu_meter" in reading.constants
    assert reading.basis is (Basis.MEASURED if metered else Basis.MODELLED)
    assert reading.bases["ram"] is Basis.MODELLED
    assert reading.constants["ram_watts"] > 0
    assert ("Measured" if metered else "Modelled") in reading.explanation


def test_declared_power_is_used_where_no_counter_is_found(reading):
    if reading.basis is Basis.MEASURED:
        pytest.skip("this machine has a power counter")
    assert reading.constants["cpu_tdp_watts"] == 100.0
    assert reading.constants["cpu_tdp_source"] == "a data sheet"
    # codecarbon charges at least a tenth of the TDP and at most all of it
    assert 9.9 <= reading.cpu_joules / reading.seconds <= 100.1


def test_emissions_follow_the_grid(reading):
    assert reading.country == "FRA"
    assert energy.emissions_g(3.6e6, "FRA") == pytest.approx(energy.grid("FRA").intensity_g_per_kwh)


def test_a_reading_and_none_come_back_from_another_process_as_they_were(reading):
    for one in (reading, Missing("too short")):
        assert energy.from_fields(json.loads(json.dumps(asdict(one)))) == one


def test_the_table_of_countries_is_opened_once(monkeypatch):
    import builtins

    energy.emissions_g(1.0, "USA")
    opened = []
    real = builtins.open
    monkeypatch.setattr(builtins, "open", lambda *args, **kwargs: opened.append(args) or real(*args, **kwargs))
    assert energy.emissions_g(3.6e6, "SWE") < energy.emissions_g(3.6e6, "DEU")
    assert not any("energy_mix" in str(args[0]) for args in opened)


def test_refuses_a_stretch_too_short_to_mean_something(caplog, capfd):
    with energy.measure_energy(MeterSettings()) as meter:
        time.sleep(0.2)
    found = meter.reading()
    assert isinstance(found, Missing)
    assert "too short" in found.reason
    assert capfd.readouterr() == ("", "")


def test_an_exception_in_the_work_passes_through_and_stops_the_meter():
    with pytest.raises(ZeroDivisionError), energy.measure_energy(MeterSettings()) as meter:
        1 / 0  # noqa: B018
    assert isinstance(meter.reading(), Missing)


def test_five_grids_from_clean_to_dirty_come_from_codecarbons_table():
    import codecarbon

    table = json.loads((Path(codecarbon.__file__).parent / "data/private_infra/global_energy_mix.json").read_text())
    found = energy.grids()
    assert len(found) == 5
    assert [g.intensity_g_per_kwh for g in found] == sorted(g.intensity_g_per_kwh for g in found)
    assert all(g.intensity_g_per_kwh == pytest.approx(table[g.country]["carbon_intensity"]) for g in found)


def test_an_unknown_country_is_refused_rather_than_given_a_world_average():
    with pytest.raises(InputError, match="unknown country 'USS'"):
        energy.emissions_g(1.0, "USS")


@pytest.mark.parametrize("tdp_watts", [None, 15.0])
def test_a_broken_codecarbon_configuration_gives_a_reason(tmp_path, monkeypatch, tdp_watts):
    (tmp_path / ".codecarbon.config").write_text("not a configuration file")
    monkeypatch.chdir(tmp_path)
    with energy.measure_energy(MeterSettings(tdp_watts=tdp_watts)) as meter:
        pass
    assert isinstance(meter.reading(), Missing)
    assert logging.getLogger("codecarbon").level == logging.CRITICAL
