"""benchmarks/on_gpu.sh, where there is no GPU: every stage runs on a CPU target with suites of its own."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

from command_line import benchbench

from benchbench.runs.folder import Run

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "on_gpu.sh"
EFFICIENCY = """\
name: small
title: One small model
budget: 2s
efficiency:
  - {models: [squeezebert-tiny], targets: [onnxruntime-cpu], batch_sizes: [1], sequence_lengths: [16], processes: 2}
"""
TRAINING = """\
name: small-training
title: A few steps
quality:
  - models: [squeezebert-tiny]
    tasks: [rte-synthetic]
    weights: random
    data: synthetic
    training: {epochs: 1, examples: 32, max_length: 16, evaluations: 0}
"""


def on_gpu(out: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, out],
        check=False,
        env={**os.environ, "PYTHON": sys.executable, **environment},
        capture_output=True,
        text=True,
    )


def test_one_command_leaves_a_run_that_is_reported_elsewhere(tmp_path):
    for name, text in (("efficiency.yaml", EFFICIENCY), ("training.yaml", TRAINING)):
        (tmp_path / name).write_text(text)
    suites = {"SUITE": str(tmp_path / "efficiency.yaml"), "TRAINING": str(tmp_path / "training.yaml")}

    done = on_gpu(tmp_path / "out", TARGETS="onnxruntime-cpu", **suites)

    stages = dict(line.split("\t")[::2] for line in (tmp_path / "out" / "stages.tsv").read_text().splitlines())
    assert stages == dict.fromkeys(("environment", "conformance", "efficiency", "training", "archive"), "0"), done
    assert done.returncode == 0
    with tarfile.open(tmp_path / "out" / "found.tgz") as archive:
        archive.extractall(tmp_path / "home", filter="data")
    assert not (tmp_path / "home" / "cache").exists()
    assert '"passed"' in (tmp_path / "home" / "conformance" / "onnxruntime-cpu.json").read_text()

    assert benchbench("report", tmp_path / "home" / "run") == 0
    page = (tmp_path / "home" / "run" / "report" / "report.md").read_text()
    assert "squeezebert-tiny" in page
    assert not Run.open(tmp_path / "home" / "training").failures


def test_a_stage_that_fails_is_told_and_the_others_are_run(tmp_path):
    python = tmp_path / "python"  # of a machine where neither a check nor a run comes to an end
    python.write_text('#!/bin/sh\ncase "$*" in *" targets check "*) exit 1;; *" run "*) exit 2;; esac\n')
    python.chmod(0o755)

    done = on_gpu(tmp_path / "out", PYTHON=str(python), TARGETS="fine,broken")

    stages = dict(line.split("\t")[::2] for line in (tmp_path / "out" / "stages.tsv").read_text().splitlines())
    assert done.returncode == 3
    assert stages["environment"] == stages["archive"] == "0"
    assert stages["conformance"] == "1"
    assert stages["efficiency"] == stages["training"] == "2"


def test_an_older_run_is_not_overwritten(tmp_path):
    done = on_gpu(tmp_path)
    assert (done.returncode, done.stderr.strip()) == (2, f"{tmp_path} exists already; choose another folder")
