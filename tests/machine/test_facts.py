import getpass
import json
import re
import socket
from dataclasses import asdict, replace
from pathlib import Path

import psutil
import pytest

from benchbench import machine
from benchbench.machine import facts, isa


def test_fingerprint_names_the_hardware():
    here = machine.machine_here()
    assert here.cpu_model
    assert here.logical_cores == psutil.cpu_count()
    assert 0 < here.usable_cores <= here.logical_cores
    assert here.ram_gib > 0


def test_fingerprint_is_json_and_names_nobody():
    text = json.dumps(asdict(machine.machine_here()))
    assert str(Path.home()) not in text
    words = set(re.findall(r"\w+", text))
    assert not words & {socket.gethostname(), getpass.getuser()}


def test_machine_id_is_stable_and_belongs_to_the_hardware():
    here = machine.machine_here()
    assert machine.machine_id(here) == machine.machine_id(machine.machine_here())
    assert machine.machine_id(replace(here, kernel="another")) == machine.machine_id(here)
    assert machine.machine_id(replace(here, cpu_model="another")) != machine.machine_id(here)


def test_features_of_arm_and_macos_get_the_same_names():
    arm = "processor : 0\nFeatures : fp asimd asimddp i8mm bf16\nCPU implementer : 0x41\nCPU part : 0xd4f"
    assert isa.extensions(arm) == ("bf16", "dotprod", "i8mm", "neon")
    assert facts._cpu_model(arm) == "ARM implementer 0x41 part 0xd4f"
    macos = (
        "machdep.cpu.brand_string: Apple M3\nhw.optional.neon: 1\nhw.optional.arm.FEAT_BF16: 1\nhw.optional.avx2_0: 0"
    )
    assert isa.extensions(macos) == ("bf16", "neon")
    assert facts._cpu_model(macos) == "Apple M3"


@pytest.mark.parametrize(
    ("listed", "lacking"),
    [
        ("Features : fp asimd fphp asimdhp", {"bf16"}),
        ("Features : fp asimd", {"bf16", "fp16"}),
        ("flags : avx2 avx512_bf16", {"fp16"}),
        ("flags : avx2 amx_bf16 avx512_fp16", set()),
        ("hw.optional.arm.FEAT_FP16: 1\nhw.optional.arm.FEAT_BF16: 0", {"bf16"}),
        ("", {"bf16", "fp16"}),
    ],
)
def test_a_precision_without_instructions_is_lacking_on_every_system(monkeypatch, listed, lacking):
    monkeypatch.setattr(isa, "_here", lambda: isa.extensions(listed))
    found = {precision: machine.lacks(precision) for precision in ("fp32", "int8", "bf16", "fp16")}
    assert {precision for precision, reason in found.items() if reason} == lacking
    assert all(precision in found[precision] for precision in lacking)
