import getpass
import json
import re
import socket
from dataclasses import asdict, replace
from pathlib import Path

import psutil

from benchbench import machine


def test_fingerprint_names_the_hardware():
    facts = machine.machine_here()
    assert facts.cpu_model
    assert facts.logical_cores == psutil.cpu_count()
    assert 0 < facts.usable_cores <= facts.logical_cores
    assert facts.ram_gib > 0


def test_fingerprint_is_json_and_names_nobody():
    text = json.dumps(asdict(machine.machine_here()))
    assert str(Path.home()) not in text
    words = set(re.findall(r"\w+", text))
    assert not words & {socket.gethostname(), getpass.getuser()}


def test_machine_id_is_stable_and_belongs_to_the_hardware():
    facts = machine.machine_here()
    assert machine.machine_id(facts) == machine.machine_id(machine.machine_here())
    assert machine.machine_id(replace(facts, kernel="another")) == machine.machine_id(facts)
    assert machine.machine_id(replace(facts, cpu_model="another")) != machine.machine_id(facts)


def test_features_of_arm_and_macos_get_the_same_names():
    arm = "processor : 0\nFeatures : fp asimd asimddp i8mm bf16\nCPU implementer : 0x41\nCPU part : 0xd4f"
    assert machine._isa(arm) == ["bf16", "dotprod", "i8mm", "neon"]
    assert machine._cpu_model(arm) == "ARM implementer 0x41 part 0xd4f"
    macos = (
        "machdep.cpu.brand_string: Apple M3\nhw.optional.neon: 1\nhw.optional.arm.FEAT_BF16: 1\nhw.optional.avx2_0: 0"
    )
    assert machine._isa(macos) == ["bf16", "neon"]
    assert machine._cpu_model(macos) == "Apple M3"
