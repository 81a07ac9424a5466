import pytest

from benchbench import places, yaml_files
from benchbench.errors import InputError
from benchbench.places import Place
from benchbench.suites import reading as suites
from benchbench.suites.selection import Selection, select

SMALL = """\
name: small
title: A small suite
budget: 90s
quality:
  - models: [squeezebert-tiny, bert-tiny]
    tasks: [sst2-synthetic, rte-synthetic]
    weights: random
    data: synthetic
    training: {epochs: 2}
    per_task:
      rte-synthetic: {epochs: 4}
efficiency:
  - models: [squeezebert-tiny]
    targets: [torch-cpu]
"""


@pytest.mark.parametrize("name", suites.shipped())
def test_every_shipped_suite_is_valid_and_named_like_its_file(name):
    suite, _ = suites.read(name)
    assert suite.name == name


def test_a_suite_says_its_settings_by_task():
    block = suites.parse(SMALL, "small.yaml").quality[0]
    assert block.training_for("sst2-synthetic").epochs == 2
    assert block.training_for("rte-synthetic").epochs == 4


@pytest.mark.parametrize(("text", "seconds"), [("6m", 360), ("90s", 90), ("1h30m", 5400), ("45", 45), (10, 10)])
def test_a_budget_is_written_as_people_write_durations(text, seconds):
    suite = suites.parse(SMALL.replace("90s", str(text)), "small.yaml")
    assert suite.budget == seconds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SMALL.replace("title: A small suite", "title: [A"), r"small\.yaml, line \d+: not valid YAML"),
        (SMALL.replace("epochs: 2", "epochs: many"), r"small\.yaml, line 9: quality\.0\.training\.epochs"),
        (SMALL.replace("budget: 90s", "budgett: 90s"), r"small\.yaml, line 3: budgett"),
        (SMALL.replace("budget: 90s", "budget: soon"), r"small\.yaml, line 3: budget"),
        ("- a\n- b\n", "line 1: a suite is a mapping"),
        ("", "line 1: a suite is a mapping"),
        ("name: !!python/object/apply:os.system [id]\n", "not valid YAML"),
    ],
)
def test_a_wrong_suite_is_one_line_with_file_and_line(text, message):
    with pytest.raises(InputError, match=message) as caught:
        suites.parse(text, "small.yaml")
    assert "\n" not in str(caught.value)


OUT_OF_BOUNDS = {
    "processes: 0": "line 15: efficiency.0.processes: must be at least 1 and at most 50, not 0",
    "batch_sizes: [8, 4097]": "line 15: efficiency.0.batch_sizes.1: must be at least 1 and at most 4096, not 4097",
    "sequence_lengths: [0]": "line 15: efficiency.0.sequence_lengths.0: must be at least 1 and at most 131072, not 0",
    "scenarios: {server: {p99_ms: 0}}": "line 15: efficiency.0.scenarios.server.p99_ms: must be above 0, not 0",
    "scenarios: {mixed_lengths: {shortest: 600}}": (
        "line 15: efficiency.0.scenarios.mixed_lengths.longest: must be at least shortest, 600"
    ),
    "scenarios: {mixed_lengths: {batch_tokens: 511}}": (
        "line 15: efficiency.0.scenarios.mixed_lengths.batch_tokens: must be at least longest, 512"
    ),
}


@pytest.mark.parametrize("setting", OUT_OF_BOUNDS)
def test_a_value_out_of_bounds_is_told_with_its_bounds(setting):
    with pytest.raises(InputError) as caught:
        suites.parse(f"{SMALL}    {setting}\n", "small.yaml")
    assert str(caught.value) == f"small.yaml, {OUT_OF_BOUNDS[setting]}"


@pytest.mark.parametrize(
    ("epochs", "said"),
    [("2", "line 9: quality.0.training.batch_size"), ("4", "line 11: quality.0.per_task.rte-synthetic.batch_size")],
)
def test_bounds_are_known_wherever_the_same_settings_stand(epochs, said):
    with pytest.raises(InputError) as caught:
        suites.parse(SMALL.replace(f"epochs: {epochs}", "batch_size: 0"), "small.yaml")
    assert str(caught.value) == f"small.yaml, {said}: must be at least 1 and at most 4096, not 0"


def test_the_line_of_a_setting_is_found_by_its_value():
    text = f"{SMALL}    sequence_lengths: [8, 600]\n"
    assert yaml_files.located(text, "small.yaml", "sequence_lengths", 600) == "small.yaml, line 15: "
    assert yaml_files.located(text, "small.yaml", "epochs", 4) == "small.yaml, line 11: "
    assert yaml_files.located(text, "small.yaml", "max_length", 128) == "small.yaml: "


def test_an_unknown_suite_names_the_nearest():
    with pytest.raises(InputError, match="unknown suite 'quik': did you mean quick"):
        suites.read("quik")


def test_a_suite_file_that_is_missing_or_not_text_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*none\.yaml"):
        suites.read(str(tmp_path / "none.yaml"))
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"name: x\ntitle: \xff\xfe")
    with pytest.raises(InputError, match="line 2: not UTF-8"):
        suites.read(str(binary))


def test_the_command_line_narrows_a_suite():
    suite = suites.parse(SMALL, "small.yaml")
    chosen = select(suite, Selection(tasks=("rte-synthetic",), models=("bert-tiny",), budget=10))
    assert chosen.quality[0].tasks == ("rte-synthetic",)
    assert chosen.quality[0].models == (Place("bert-tiny"),)
    assert chosen.efficiency[0].models == (Place("bert-tiny"),)
    assert chosen.budget == 10


def test_settings_of_a_task_that_was_not_chosen_are_not_used():
    chosen = select(suites.parse(SMALL, "small.yaml"), Selection(tasks=("sst2-synthetic",)))
    assert chosen.quality[0].per_task == {}
    assert chosen.quality[0].training_for("sst2-synthetic").epochs == 2


def test_a_choice_that_makes_a_suite_invalid_is_refused():
    suite = suites.parse(SMALL, "small.yaml")
    wrong = Selection.model_construct(models=None, tasks=None, targets=None, data=None, weights=None, budget=-1.0)
    with pytest.raises(InputError, match="budget: must be above 0, not -1"):
        select(suite, wrong)


def test_a_value_that_was_merged_in_is_told_where_it_stands():
    text = SMALL.replace("training: {epochs: 2}", "training: &t {epochs: 2, batch_size: 0}")
    text = text.replace("{epochs: 4}", "{<<: *t}").replace("training: &t", "recipe: a\n    training: &t")
    with pytest.raises(InputError, match=r"line 10: quality\.0\.training\.batch_size"):
        suites.parse(text, "small.yaml")


@pytest.mark.parametrize("name", suites.shipped())
def test_a_suite_written_out_and_read_again_is_the_same(name):
    suite, _ = suites.read(name)
    assert select(suite, Selection()) == suite


def test_a_model_that_the_suite_does_not_name_joins_it():
    suite = suites.parse(SMALL, "small.yaml")
    chosen = select(suite, Selection(models=("minilm-l6",), weights="local:/models"))
    assert chosen.quality[0].models == (Place("minilm-l6"),)
    assert chosen.quality[0].weights == chosen.efficiency[0].weights == places.weights("local:/models")


SERVING = SMALL + "    scenarios: {realistic: {task: rte}, largest_batch: {memory_limit: 2GB}}\n"


def test_a_memory_limit_is_written_with_its_unit():
    scenarios = suites.parse(SERVING, "small.yaml").efficiency[0].scenarios
    assert scenarios.largest_batch.memory_limit == 2_000_000_000
    assert scenarios.server is None


def test_data_on_the_command_line_are_also_where_texts_come_from():
    chosen = select(suites.parse(SERVING, "small.yaml"), Selection(data="local:/texts"))
    assert chosen.efficiency[0].scenarios.realistic.data == places.data("local:/texts")


@pytest.mark.parametrize(
    ("text", "partitions"),
    [("auto", "auto"), ("[1x2, 2x1]", ("1x2", "2x1")), ("{partitions: [2x1], rounds: 3}", ("2x1",))],
)
def test_instances_are_auto_or_listed_or_have_settings(text, partitions):
    suite = suites.parse(f"{SMALL}    scenarios: {{instances: {text}}}\n", "small.yaml")
    assert suite.efficiency[0].scenarios.instances.partitions == partitions


@pytest.mark.parametrize("text", ["[two]", "[0x2]", "[]", "often", "{rounds: 0}"])
def test_wrong_instances_are_one_line_with_the_place(text):
    with pytest.raises(InputError, match=r"small\.yaml, line 15: .*instances") as caught:
        suites.parse(f"{SMALL}    scenarios: {{instances: {text}}}\n", "small.yaml")
    assert "\n" not in str(caught.value)
