"""One model that fails in whatever way leaves the others of its cell alone, at every step of the notebook."""

import light_engine
import pytest
import tiny_encoders

from benchbench.models import loading
from benchbench.models.source import ModelSource
from benchbench.places import HUB, SYNTHETIC
from benchbench.records import BUT_HAS
from benchbench.studies.efficiency import serving
from benchbench.studies.efficiency import study as efficiency
from benchbench.studies.workers.allocation import Allocation
from benchbench.studies.workers.race import Entrant, race
from benchbench.targets import catalogue
from benchbench.targets.protocol import Shape
from benchbench.tasks.synthetic.wordpiece import train_tokenizer

GOOD = "bert-tiny"

ABORTS = 'if self.name == "squeezebert-tiny": os.abort()'


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A model that cannot be built, one with too few positions for the shape, and a good one."""
    folder = tmp_path_factory.mktemp("models")
    unbuildable = tiny_encoders.write(folder, "bert", num_attention_heads=7)
    short = tiny_encoders.write(folder, "roberta", max_position_embeddings=34)
    return efficiency.load(
        target="onnxruntime-cpu",
        models=(str(unbuildable.model.path), str(short.model.path), GOOD),
        sequence_lengths=(33,),
        budget_seconds=2,
        processes=2,
        layer_times=True,
        scenarios={"largest_batch": {"memory_limit": "64GB", "most": 1}},
    )


BAD = ("bert", "roberta")


def models_of(rows):
    return {row.subject.model for row in rows}


def failed(found):
    """What is absent for another reason than that a percentile takes more queries."""
    return [absence for absence in found.absences if BUT_HAS not in absence.reason]


@pytest.mark.parametrize(
    ("step", "quantity"),
    [
        (efficiency.size, "flops"),
        (efficiency.layers, "latency_share"),
        (efficiency.footprint, "peak_memory"),
        (serving.largest_batch, "largest_batch"),
    ],
)
def test_the_others_keep_their_rows(study, step, quantity):
    found = step(study)
    assert {m.subject.model for m in found.measurements if m.quantity == quantity} == {GOOD}
    absent = {a.subject.model: a.reason for a in found.absences if a.quantity == quantity}
    assert set(absent) == set(BAD)
    assert not any("\n" in reason for reason in absent.values())


def test_the_others_keep_their_times(study):
    found = efficiency.speed(study)
    assert models_of(found.measurements) == {GOOD}
    assert models_of(failed(found)) == set(BAD)
    limits = efficiency.limit(study, efficiency.size(study), found)
    assert {m.subject.model for m in limits.measurements if m.quantity == "roofline_fraction"} == {GOOD}


def test_a_model_whose_engine_ends_the_process_leaves_the_others_their_times(tmp_path):
    target = catalogue.find(light_engine.write(tmp_path, "fragile", run=ABORTS))
    models = {"another": GOOD, "squeezebert-tiny": "squeezebert-tiny", GOOD: GOOD}
    entrants = [Entrant(name, ModelSource(model), target) for name, model in models.items()]
    found = race(entrants, [Shape(1, 8)], allocation=Allocation(2, 0.2, 0.05), cache=tmp_path / "cache")
    assert all(set(timing.rounds.times) == {"another", GOOD} for timing in found.timings)
    assert set(found.failures) == {("squeezebert-tiny", Shape(1, 8))}
    assert "SIGABRT" in found.failures["squeezebert-tiny", Shape(1, 8)].reason
    assert len(found.times(GOOD, Shape(1, 8))) == 2


LONG = 64  # tokens


@pytest.mark.parametrize(
    ("failing", "said"),
    [("raise MemoryError('too long')", "too long"), ("os.abort()", "SIGABRT")],
    ids=["raises", "ends the process"],
)
def test_a_model_that_fails_at_one_length_keeps_its_others_and_leaves_the_others_theirs(tmp_path, failing, said):
    at_length = f'if self.name == "squeezebert-tiny" and batch["input_ids"].shape[1] == {LONG}: {failing}'
    target = catalogue.find(light_engine.write(tmp_path, "fragile", run=at_length))
    entrants = [Entrant(name, ModelSource(name), target) for name in ("squeezebert-tiny", GOOD)]
    short, long = Shape(1, 8), Shape(1, LONG)
    found = race(entrants, [long, short], allocation=Allocation(2, 0.2, 0.05), cache=tmp_path / "cache")
    assert (set(found.shapes("squeezebert-tiny")), set(found.shapes(GOOD))) == ({short}, {short, long})
    assert len(found.times("squeezebert-tiny", short)) == len(found.times(GOOD, long)) == 2
    (((entrant, shape), missing),) = found.failures.items()
    assert (entrant, shape) == ("squeezebert-tiny", long)
    assert said in missing.reason


def test_a_length_that_only_one_model_takes_is_absent_for_the_other_alone(tmp_path):
    short = tiny_encoders.write(tmp_path, "roberta", max_position_embeddings=34)
    study = efficiency.load(
        target="onnxruntime-cpu",
        models=(str(short.model.path), GOOD),
        batch_sizes=(1,),
        sequence_lengths=(16, 48),
        budget_seconds=2,
        processes=2,
    )
    for step in (efficiency.size, efficiency.speed):
        found = step(study)
        measured = {(m.subject.model, m.subject.sequence_length) for m in found.measurements}
        assert {("roberta", 16), (GOOD, 16), (GOOD, 48)} <= measured
        assert ("roberta", 48) not in measured
        (absence,) = failed(found)
        assert (absence.subject.model, absence.subject.sequence_length) == ("roberta", 48)
        assert "32" in absence.reason


def test_a_model_without_a_tokenizer_leaves_the_others_their_texts(tmp_path):
    whole, bare = tiny_encoders.write(tmp_path, "bert"), tiny_encoders.write(tmp_path, "electra")
    for source in (whole, bare):
        loading.build(source).save_pretrained(source.model.path)
    words = "river stone window garden letter market winter yellow quiet engine number pepper silver forest".split()
    train_tokenizer([" ".join(words)]).save_pretrained(whole.model.path)
    study = efficiency.load(
        target=light_engine.write(tmp_path, "light", run="import time; time.sleep(0.001)"),
        weights=HUB,
        models=(str(bare.model.path), str(whole.model.path)),
        budget_seconds=2,
        processes=2,
        scenarios={"realistic": {"task": "rte-synthetic", "data": SYNTHETIC, "examples": 4, "max_length": 32}},
    )
    found = serving.realistic(study)
    assert models_of(found.measurements) == {"bert"}
    assert {a.subject.model: "tokenizer" in a.reason for a in failed(found)} == {"electra": True}
