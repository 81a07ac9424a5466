"""Targets are found by name, in a YAML or Python file, and in installed packages; mistakes are told in one line."""

import json
from dataclasses import replace

import pytest

from benchbench.cli import main
from benchbench.errors import InputError
from benchbench.targets.catalogue import availability, find, runtime_of
from benchbench.targets.protocol import Target

FIXED_SHAPE = {
    *("torch-cpu-compile", "openvino-cpu-static", "openvino-cpu-bf16-static", "executorch-cpu"),
    *("torch-cuda-graph", "torch-cuda-compile"),
}
SHIPPED = {
    *(
        "torch-cpu",
        "torch-cpu-plain",
        "torch-cpu-bf16",
        "torch-cpu-compile",
        "torch-cpu-int8",
        "onnxruntime-cpu",
        "onnxruntime-cpu-int8",
        "onnxruntime-cpu-int8-static",
    ),
    *(
        "openvino-cpu",
        "openvino-cpu-bf16",
        "openvino-cpu-static",
        "openvino-cpu-bf16-static",
        "openvino-cpu-int8",
        "openvino-cpu-int8-accuracy",
        "executorch-cpu",
        "torch-cuda",
        "torch-cuda-bf16",
    ),
    *("torch-cuda-fp16", "torch-cuda-tf32", "torch-cuda-compile", "torch-cuda-graph", "onnxruntime-cuda", "torch-mps"),
}


def test_the_shipped_targets_are_listed_with_a_reason_where_they_cannot_run(capsys):
    with pytest.raises(SystemExit):
        main(["targets", "--json"])
    rows = {row["target"]: row["available"] for row in json.loads(capsys.readouterr().out)}
    assert set(rows) >= SHIPPED
    assert rows["torch-cpu"] == "yes"
    assert all(text == "yes" or len(text) > len("no: ") for text in rows.values())


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_every_shipped_runtime_loads_and_answers(name):
    target = find(name)
    assert availability(target) is None or availability(target).strip()
    assert runtime_of(target).fixed_shape() is (name in FIXED_SHAPE)
    assert runtime_of(target).name == target.runtime


def test_cuda_adapters_say_what_is_missing_without_a_gpu():
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has an NVIDIA GPU")
    for name in SHIPPED:
        if not name.startswith("torch-cuda"):
            continue
        assert "CUDA" in availability(find(name)) or "NVIDIA" in availability(find(name))
    assert "CUDA" in availability(find("onnxruntime-cuda")) or "not installed" in availability(find("onnxruntime-cuda"))


def test_a_yaml_file_is_a_target(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(
        "name: mine\nruntime: torch-eager\nthreads: 1\ntdp_watts: 15\ntdp_source: data sheet\ncountry: FRA\n"
    )
    assert find(str(file)) == Target(
        name="mine", runtime="torch-eager", threads=1, tdp_watts=15.0, tdp_source="data sheet", country="FRA"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: mine\n", "line 1: runtime: Field required"),
        ("name: mine\nruntime: torch-eager\nthread: 1\n", "line 3: thread: Extra inputs"),
        ("name: mine\nruntime: torch-eager\nprecision: fp4\n", "line 3: precision"),
        ("name: mine\n\truntime: x\n", "line 2"),
        ("[]", "line 1: a target's file is a mapping"),
        ("name: ../mine\nruntime: torch-eager\n", "name"),
    ],
)
def test_a_mistake_in_a_targets_file_is_told_with_its_place(tmp_path, text, said):
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(InputError, match=said) as told:
        find(str(file))
    assert str(file) in str(told.value)


def test_an_unknown_runtime_is_answered_with_the_nearest(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("name: mine\nruntime: torch-eagre\n")
    with pytest.raises(InputError, match="torch-eager"):
        runtime_of(find(str(file)))


def test_a_new_target_is_a_package_with_its_test(tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["targets", "new", "my-engine", "--folder", str(tmp_path)])
    assert stopped.value.code == 0
    made = {path.name for path in (tmp_path / "my-engine").iterdir()}
    assert made == {"pyproject.toml", "my_engine.py", "test_my_engine.py", "suite.yaml"}


@pytest.mark.parametrize("name", ["My", "a b", "../x", "a/b", "", "-a", "a" * 60, "con\0", "🙂"])
def test_a_name_that_no_package_can_have_is_refused(tmp_path, name, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["targets", "new", "--folder", str(tmp_path / "made"), "--", name])
    assert stopped.value.code == 2
    assert not (tmp_path / "made").exists()


def test_products_are_in_tf32_only_where_a_target_says_so():
    import torch

    from benchbench.targets.runtimes.torch_eager import use_products_of

    for name, wanted in (("torch-cuda-tf32", True), ("torch-cuda", False)):
        use_products_of(find(name).precision)
        assert (torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32) == (wanted, wanted)
    assert "tf32" in availability(replace(find("torch-cpu"), precision="tf32"))
