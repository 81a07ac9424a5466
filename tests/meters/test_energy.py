import json
import logging
import os
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from benchbench.errors import InputError, Missing
from benchbench.machine import Machine
from benchbench.meters import energy
from benchbench.meters.codecarbon_adapter import CpuPower, Totals
from benchbench.meters.energy import EnergyReading, MeterSettings
from benchbench.quantities import Basis
from benchbench.records import WHOLE_SOCKET


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
    charged = 100.0 * reading.constants["cpu_share"]
    assert 0.099 * charged <= reading.cpu_joules / reading.seconds <= 1.001 * charged
    assert WHOLE_SOCKET not in reading.explanation, "a declared power is of what the target has"


@pytest.mark.parametrize(
    ("usable", "cores", "hidden", "share", "said"),
    [
        (8, 8, False, 1.0, []),
        (2, 128, False, 2 / 128, ["2 of 128 logical cores"]),
        (0.5, 8, False, 0.0625, ["0.5 of 8 logical cores"]),
        (2, 2, True, 1.0, [WHOLE_SOCKET]),
        (1, 2, True, 0.5, ["1 of 2 logical cores", WHOLE_SOCKET]),
    ],
)
def test_a_modelled_cpu_is_charged_for_the_cores_that_may_be_used(usable, cores, hidden, share, said):
    found = energy.part_of_cpu(usable, cores, hidden=hidden)
    assert found.share == pytest.approx(share)
    assert bool(found.words) == bool(said)
    assert all(words in found.words for words in said)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity")
def test_one_core_of_several_costs_its_share(cpu_with_a_known_tdp):
    whole = described(cpu_with_a_known_tdp)
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, [min(before)])
    try:
        one = described(cpu_with_a_known_tdp)
    finally:
        os.sched_setaffinity(0, before)
    assert one.cpu_joules == pytest.approx(whole.cpu_joules / len(before))
    assert one.watts < whole.watts or len(before) == 1


@pytest.mark.parametrize(
    ("virtualised", "by_thread", "said"), [(True, False, True), (False, False, False), (True, True, False)]
)
def test_a_virtual_machine_says_that_it_pays_for_its_socket(
    monkeypatch, cpu_with_a_known_tdp, virtualised, by_thread, said
):
    here = Machine(virtualised=virtualised, logical_cores=2)
    monkeypatch.setattr(energy.machine, "machine_here", lambda: here)
    found = described(replace(cpu_with_a_known_tdp, by_thread=by_thread))
    assert (WHOLE_SOCKET in found.explanation) == said


@pytest.fixture
def cpu_with_a_known_tdp():
    return CpuPower("cpu_load", "", "TDP × (0.1 + 0.9 × load³)", 280.0, "a table")


def described(cpu):
    """20 s at 100 W of CPU and 10 W of memory."""
    totals = Totals(20.0, 20, cpu_joules=2000.0, gpu_joules=0.0, ram_joules=200.0, gpus="", version="3")
    return energy.EnergyMeter(MeterSettings())._describe(totals, cpu)


def test_emissions_follow_the_grid(reading):
    assert reading.country == "FRA"
    assert energy.emissions_g(3.6e6, "FRA") == pytest.approx(energy.grid("FRA").intensity_g_per_kwh)


def test_a_reading_and_none_come_back_from_another_process_as_they_were(reading):
    typed = TypeAdapter(EnergyReading | Missing)
    for one in (reading, Missing("too short")):
        assert typed.validate_json(typed.dump_json(one)) == one


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
