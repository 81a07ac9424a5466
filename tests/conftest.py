import os
from pathlib import Path

import pytest

from benchbench import json_schema

# Tests share their cores with whatever else runs. Threads that spin while they wait for one another would make a
# small model take minutes on a busy machine. Set before anything imports torch; child processes inherit it.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's own, which know no such policy
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
json_schema.load()

HERE = Path(__file__).parent
SLOW_FIRST = [
    HERE / name
    for name in (
        "test_contributing.py",
        "test_on_gpu.py",
        "studies/efficiency/test_each_model.py",
        "test_run_end_to_end.py",
        "meters/test_flops.py",
        "targets/test_conformance.py",
        "soak/test_kills.py",
        "soak/test_faults.py",
        "test_reproducible.py",
        "test_notebooks.py",
        "execution/test_cluster.py",
        "studies/deployment/test_on_targets.py",
        "studies/instances/test_filling.py",
        "report/test_browser.py",
        "meters/test_flops_of_any_encoder.py",
        "studies/deployment/test_deployment_faults.py",
        "tasks/test_hub.py",
        "studies/efficiency/test_budget.py",
        "studies/quality/test_scored_as_it_is.py",
    )
]
"""With two files at a time, one of minutes that begins last would leave half of the machine with nothing to do."""


def pytest_configure() -> None:
    if moved := [str(path) for path in SLOW_FIRST if not path.is_file()]:
        raise pytest.UsageError(f"SLOW_FIRST names what does not exist: {', '.join(moved)}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {path: at for at, path in enumerate(SLOW_FIRST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))  # stable: the others stay in their order


@pytest.fixture(scope="module")
def support_in_workers():
    """Processes of their own find the modules in `tests/support`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE / "support"), prepend=os.pathsep)
        yield
