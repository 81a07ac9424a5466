"""An engine's own queue of requests gives the answers that its session gives."""

import numpy
import pytest

from benchbench.errors import InputError
from benchbench.models.source import ModelSource
from benchbench.places import Place
from benchbench.targets import artefacts
from benchbench.targets.catalogue import availability, find
from benchbench.targets.inputs import batch
from benchbench.targets.protocol import Job, Shape
from benchbench.targets.session import has_queue, open_queue, open_session

MODEL, SHAPE = ModelSource(Place("bert-tiny")), Shape(2, 16)
QUEUED = ["openvino-cpu", "openvino-cpu-static"]


@pytest.mark.parametrize("name", QUEUED)
def test_every_batch_gets_its_own_answer(name, tmp_path):
    if reason := availability(find(name)):
        pytest.skip(reason)
    prepared = artefacts.prepare(Job(MODEL, find(name), SHAPE), tmp_path)
    session, queue = open_session(prepared), open_queue(prepared)
    batches = [batch(SHAPE, session.limits.vocabulary_size, seed) for seed in range(12)]
    answers = {}
    for number, each in enumerate(batches):
        queue.wait_for_place()
        queue.start(each, lambda logits, number=number: answers.update({number: logits}))
    queue.finish()
    assert sorted(answers) == list(range(12))
    for number, each in enumerate(batches):
        assert answers[number].dtype == numpy.float32
        numpy.testing.assert_allclose(answers[number], session.run(each), atol=1e-5)


def test_a_runtime_without_one_says_what_it_would_need(tmp_path):
    target = find("torch-cpu")
    assert not has_queue(target)
    with pytest.raises(InputError, match="load_queue"):
        open_queue(artefacts.prepare(Job(MODEL, target, SHAPE), tmp_path))
