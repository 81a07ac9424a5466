import pytest

from benchbench.errors import InputError
from benchbench.execution.fingerprints import Fingerprints
from benchbench.execution.plan import plan, with_a_finding_first
from benchbench.places import Place
from benchbench.suites.reading import parse
from benchbench.suites.selection import Selection, select

SUITE = """\
name: small
title: A small suite
seeds: [0, 1]
budget: 100s
quality:
  - {models: [squeezebert-tiny], tasks: [rte], data: "local:DATA", weights: random}
efficiency:
  - {models: [squeezebert-tiny], targets: [torch-cpu, onnxruntime-cpu]}
"""


@pytest.fixture
def fingerprints(tmp_path):
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    for study in ("quality", "efficiency"):
        (notebooks / f"{study}.ipynb").write_text(study)
    return lambda machine="m1": Fingerprints(machine, notebooks)


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "train.tsv").write_text("a\tb\n")
    return folder


def suite(data):
    return parse(SUITE.replace("DATA", str(data)), "small.yaml")


def ids(cells):
    return [cell.id for cell in cells]


def test_a_plan_has_a_cell_for_each_seed_and_each_target(fingerprints, data):
    cells = plan(suite(data), fingerprints())
    assert [cell.study for cell in cells] == ["quality", "quality", "efficiency", "efficiency"]
    assert len(set(ids(cells))) == 4


def test_the_budget_is_divided_by_the_number_of_models_a_target_measures(fingerprints, data):
    more = SUITE + "  - {models: [squeezebert, bert-base], targets: [torch-cpu]}\n"
    cells = plan(parse(more.replace("DATA", str(data)), "small.yaml"), fingerprints())
    assert [cell.parameters.budget_seconds for cell in cells if cell.study == "efficiency"] == [25, 25, 50]


def two_blocks(data, *settings):
    block = '  - {models: [squeezebert-tiny], tasks: [rte], data: "local:DATA", weights: random, '
    head = "name: two\ntitle: Two blocks\nquality:\n"
    return parse((head + "".join(f"{block}{each}}}\n" for each in settings)).replace("DATA", str(data)), "two.yaml")


@pytest.mark.parametrize(
    ("one", "other", "differing"),
    [
        ("deploy: {targets: [torch-cpu]}", "deploy: {targets: [torch-cpu], batch_size: 8}", "deploy.batch_size"),
        ("training: {epochs: 1}", "training: {epochs: 2, batch_size: 8}", "training.epochs, training.batch_size"),
        ("predict_test: false", "deploy: [torch-cpu]", "deploy"),
    ],
)
def test_what_a_report_could_not_tell_apart_is_refused_without_a_recipe(fingerprints, data, one, other, differing):
    said = rf"squeezebert-tiny on rte, seed 0, with different settings: {differing}; give each of them a recipe"
    with pytest.raises(InputError, match=said):
        plan(two_blocks(data, one, other), fingerprints())
    cells = plan(two_blocks(data, one, f"{other}, recipe: other"), fingerprints())
    assert [cell.parameters.recipe for cell in cells] == [None, "other"]


def test_a_block_that_is_there_twice_is_run_once(fingerprints, data):
    assert len(plan(two_blocks(data, "predict_test: false", "predict_test: false"), fingerprints())) == 1


def test_the_same_suite_gives_the_same_cells_wherever_its_data_lie(fingerprints, data, tmp_path):
    before = ids(plan(suite(data), fingerprints()))
    moved = data.rename(tmp_path / "moved")
    assert ids(plan(suite(moved), fingerprints())) == before


def test_changed_data_make_the_cells_that_use_them_new(fingerprints, data):
    before = plan(suite(data), fingerprints())
    (data / "train.tsv").write_text("a\tc\n")
    after = plan(suite(data), fingerprints())
    changed = [a.study for a, b in zip(before, after, strict=True) if a.id != b.id]
    assert changed == ["quality", "quality"]


def test_a_changed_notebook_or_another_machine_makes_cells_new(fingerprints, data):
    before = set(ids(plan(suite(data), fingerprints())))
    assert before.isdisjoint(ids(plan(suite(data), fingerprints("another machine"))))
    notebook = fingerprints().notebooks / "efficiency.ipynb"
    notebook.write_text("changed")
    after = plan(suite(data), fingerprints())
    assert [cell.id in before for cell in after] == [True, True, False, False]


def test_cell_names_are_safe_file_names_whatever_the_model_is_called(fingerprints, data):
    odd = select(suite(data), Selection(models=("étrange/.. .." + "x" * 280,)))
    for cell in plan(odd, fingerprints()):
        assert len(cell.id) < 120
        assert set(cell.id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")


def test_a_finding_comes_first_from_the_shortest_cell_that_compares_models_and_can_run_here(fingerprints, data):
    more = SUITE + "  - {models: [squeezebert, bert-base], targets: [torch-cuda, torch-cpu, openvino-cpu]}\n"
    cells = plan(parse(more.replace("DATA", str(data)), "small.yaml"), fingerprints())
    seconds = {"torch-cuda": 1.0, "torch-cpu": 50.0, "openvino-cpu": 40.0}

    def order(unavailable=("torch-cuda",)):
        found = with_a_finding_first(
            cells, lambda cell: seconds[cell.parameters.target.name] * len(cell.parameters.models), unavailable
        )
        assert sorted(ids(found)) == sorted(ids(cells))
        assert [cell for cell in cells if cell != found[0]] == list(found[1:]), "the others stay in their order"
        return found[0].parameters

    assert (order().target.name, order().models) == ("openvino-cpu", (Place("squeezebert"), Place("bert-base")))
    assert order(unavailable=()).target.name == "torch-cuda"
    assert ids(with_a_finding_first(cells[:2], lambda cell: 1.0, ())) == ids(cells[:2]), "fine-tuning alone"


def test_changed_texts_make_new_the_cells_that_are_timed_on_them(fingerprints, data):
    texts = (
        SUITE
        + "  - {models: [bert-tiny], targets: [torch-cpu], scenarios: {realistic: {task: rte, data: 'local:DATA'}}}"
    )
    before = plan(parse(texts.replace("DATA", str(data)), "small.yaml"), fingerprints())
    (data / "train.tsv").write_text("a\tc\n")
    after = plan(parse(texts.replace("DATA", str(data)), "small.yaml"), fingerprints())
    changed = [
        a.parameters.models for a, b in zip(before, after, strict=True) if a.id != b.id and a.study == "efficiency"
    ]
    assert changed == [(Place("bert-tiny"),)]


def test_each_model_is_deployed_to_the_targets_that_run_such_a_one(data, fingerprints):
    text = SUITE.replace("models: [squeezebert-tiny], tasks", "models: [bert-tiny, tfidf-logreg], tasks")
    text = text.replace("weights: random}", "weights: random, deploy: [torch-cpu, scikit-learn, onnxruntime-cpu]}", 1)
    cells = plan(parse(text.replace("DATA", str(data)), "small.yaml"), fingerprints())
    deployed = {cell.parameters.model.name: [t.name for t in cell.parameters.targets] for cell in cells[:4]}
    assert deployed == {"bert-tiny": ["torch-cpu", "onnxruntime-cpu"], "tfidf-logreg": ["scikit-learn"]}
