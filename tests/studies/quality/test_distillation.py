"""A teacher in a folder, what it says about each example, and a student that learns from it rather than from labels."""

import numpy
import pytest
import torch

from benchbench.errors import InputError
from benchbench.models.loading import build
from benchbench.models.source import ModelSource
from benchbench.studies.quality import distillation, teachers
from benchbench.studies.training.fine_tuning import fine_tune
from benchbench.studies.training.lesson import TEACHER_LOGITS
from benchbench.studies.training.prediction import predict
from benchbench.suites.schema import Distillation, Training
from benchbench.tasks import kinds, synthetic
from benchbench.tasks.registry import find
from benchbench.tasks.task import TaskData
from benchbench.tasks.tokenization import tokenise

TASK = find("sst2-synthetic")  # labels: negative, positive
SURE = 4.0


@pytest.fixture(scope="module")
def data():
    whole = synthetic.generate(TASK)
    train = whole.train.select(range(96)).map(lambda _: {"label": 0})  # whatever a text says, its label is: negative
    return TaskData(TASK, train, {"validation": whole.evaluation["validation"].select(range(40))}, "synthetic", "few")


@pytest.fixture(scope="module")
def tokens(data):
    return tokenise(data, synthetic.tokenizer(), 32)


def write_teacher(folder, labels, answer):
    """A classifier that names `labels` and is sure of the one called `answer`, in a folder with its tokenizer."""
    model = build(ModelSource("bert-tiny", num_labels=len(labels)))
    model.config.id2label = dict(enumerate(labels))
    model.config.label2id = {label: number for number, label in enumerate(labels)}
    with torch.no_grad():
        model.classifier.bias.zero_()
        model.classifier.bias[labels.index(answer)] = SURE
    model.save_pretrained(folder)
    synthetic.tokenizer().save_pretrained(folder)
    return folder


def taught(data, tokens, teacher, **settings):
    given = Distillation(teacher=f"local:{teacher}", **settings)
    training = Training(epochs=6, learning_rate=2e-3, batch_size=16, max_length=32, evaluations=0, distillation=given)
    return training, *distillation.teach(data, tokens.train, training, given)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    """Its labels are the task's, written otherwise and in the other order."""
    return write_teacher(tmp_path_factory.mktemp("teacher"), ["POSITIVE", "NEGATIVE"], "POSITIVE")


def test_a_teachers_logits_stand_in_the_order_of_the_tasks_labels(data, tokens, teacher):
    _, examples, teaching = taught(data, tokens, teacher)
    logits = numpy.array(examples[TEACHER_LOGITS])
    assert logits.shape == (96, 2)
    assert (logits[:, 1] - logits[:, 0] > SURE / 2).all()
    assert teaching.seconds > 0
    assert teaching.weight == 0.5
    assert teaching.agreement == "the teacher gives 0.0% of the training examples their label"
    assert teacher.name in teaching.teacher
    assert str(teacher) not in teaching.teacher


@pytest.mark.parametrize("answer", ["LABEL_0", "LABEL_1"])
def test_a_teacher_that_does_not_name_its_labels_is_refused_with_both_lists(data, tokens, tmp_path, answer):
    teacher = write_teacher(tmp_path, ["LABEL_0", "LABEL_1"], answer)
    said = r"labels of the teacher .* are LABEL_0, LABEL_1, those of sst2-synthetic negative, positive; labels: \["
    with pytest.raises(InputError, match=said):
        taught(data, tokens, teacher)
    with pytest.raises(InputError, match=said):
        teachers.check(TASK, Distillation(teacher=f"local:{teacher}"))


def test_the_suite_may_say_what_the_outputs_of_a_teacher_are(data, tokens, tmp_path):
    teacher = write_teacher(tmp_path, ["LABEL_0", "LABEL_1"], "LABEL_0")
    for labels, sure_of in ((("negative", "positive"), 0), (("positive", "negative"), 1)):
        _, examples, _ = taught(data, tokens, teacher, labels=labels)
        logits = numpy.array(examples[TEACHER_LOGITS])
        assert (logits[:, sure_of] - logits[:, 1 - sure_of] > SURE / 2).all()


def test_a_teacher_of_other_labels_is_refused_before_anything_runs(tmp_path):
    teacher = write_teacher(tmp_path, ["spam", "ham"], "spam")
    with pytest.raises(InputError, match=r"labels of the teacher .* are spam, ham, those of .* negative, positive"):
        teachers.check(TASK, Distillation(teacher=f"local:{teacher}"))


def test_a_teacher_whose_head_is_not_in_the_file_is_refused(tmp_path):
    model = build(ModelSource("bert-tiny"))
    kept = {name: tensor for name, tensor in model.state_dict().items() if "classifier" not in name}
    model.save_pretrained(tmp_path, state_dict=kept)
    synthetic.tokenizer().save_pretrained(tmp_path)
    with pytest.raises(InputError, match="no classifier with 2 labels"):
        teachers.check(TASK, Distillation(teacher=f"local:{tmp_path}"))


def student_answers(data, tokens, teacher, weight):
    """What a student says after training on labels that are all `negative` and a teacher that is sure of `positive`."""
    training, examples, teaching = taught(data, tokens, teacher, weight=weight)
    model = build(ModelSource("squeezebert-tiny", lowered=True))
    kind, tokenizer = kinds.of(TASK), synthetic.tokenizer()
    trained = fine_tune(
        model,
        examples,
        tokenizer,
        training,
        kind=kind,
        seed=0,
        score=lambda: 0.0,
        country="USA",
        teaching=teaching,
    )
    assert trained.teacher == teaching.teacher
    assert trained.seconds > teaching.seconds
    return numpy.stack(predict(model, tokens.evaluation["validation"], tokenizer, 20)).argmax(axis=1)


def shortly(examples, teaching):
    """A step or two of training by settings that name no teacher."""
    settings = Training(epochs=0.2, batch_size=16, max_length=32, evaluations=0)
    options = {"kind": kinds.of(TASK), "seed": 0, "score": lambda: 0.0, "country": "USA", "teaching": teaching}
    return fine_tune(build(ModelSource("bert-tiny")), examples, synthetic.tokenizer(), settings, **options)


def test_a_teacher_that_has_answered_is_listened_to_whatever_the_settings_say(data, tokens, teacher):
    _, examples, teaching = taught(data, tokens, teacher)
    assert shortly(examples, teaching).teacher == teaching.teacher


def test_examples_without_the_teachers_answers_are_refused_in_one_line(data, tokens, teacher):
    _, _, teaching = taught(data, tokens, teacher)
    with pytest.raises(InputError, match=f"has not answered: the examples have no column {TEACHER_LOGITS}") as caught:
        shortly(tokens.train, teaching)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(("weight", "answer"), [(1.0, 1), (0.01, 0)], ids=["the teacher alone", "hardly the teacher"])
def test_the_weight_decides_whom_a_student_believes(data, tokens, teacher, weight, answer):
    assert (student_answers(data, tokens, teacher, weight) == answer).all()


def test_the_loss_is_the_divergence_of_tempered_distributions():
    loss = distillation.loss(TASK, temperature=2.0)
    student, other = torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 2.0]])
    assert loss(other, other).item() == pytest.approx(0, abs=1e-6)
    # At temperature 2: p = (1, e) / (1 + e), q the other way round; KL(p, q) = (e - 1) / (e + 1); times 2².
    assert loss(student, other).item() == pytest.approx(4 * (numpy.e - 1) / (numpy.e + 1), rel=1e-5)


def test_the_loss_of_scores_is_their_squared_difference():
    loss = distillation.loss(find("stsb-synthetic"), temperature=2.0)
    assert loss(torch.tensor([[1.0], [2.0]]), torch.tensor([[1.0], [5.0]])).item() == pytest.approx(4.5)


def test_a_teacher_with_another_number_of_labels_is_refused(data, tokens, tmp_path):
    with pytest.raises(InputError, match="no classifier with 2 labels: it has 3; fine-tune it on sst2-synthetic"):
        taught(data, tokens, write_teacher(tmp_path, ["a", "b", "c"], "a"))


def test_a_teacher_without_a_classifier_is_refused(data, tokens, tmp_path):
    build(ModelSource("bert-tiny")).bert.save_pretrained(tmp_path)
    synthetic.tokenizer().save_pretrained(tmp_path)
    with pytest.raises(InputError, match="no classifier with 2 labels"):
        taught(data, tokens, tmp_path)


def test_a_folder_of_teachers_holds_one_for_each_task(tmp_path, teacher):
    (tmp_path / TASK.name).symlink_to(teacher)
    found = teachers.source_of(TASK, Distillation(teacher=f"local:{tmp_path}"))
    assert found.model.path == tmp_path / TASK.name
    with pytest.raises(InputError, match="no teacher at"):
        teachers.source_of(find("rte-synthetic"), Distillation(teacher=f"local:{tmp_path}"))


def test_tagging_has_no_teacher(teacher):
    with pytest.raises(InputError, match="conll2003-synthetic is token-classification"):
        teachers.source_of(find("conll2003-synthetic"), Distillation(teacher=f"local:{teacher}"))
