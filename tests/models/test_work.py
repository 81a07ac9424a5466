"""What a plan takes a model to compute is near what is counted, and costs no library."""

import subprocess
import sys

import pytest

from benchbench.meters.flops import closed_form
from benchbench.meters.flops.counting import FLOP_PER_MAC
from benchbench.models import loading
from benchbench.models.forward_work import forward_flops_per_token
from benchbench.models.source import ModelSource
from benchbench.models.zoo import MODELS, place

BATCH, TOKENS = 32, 40  # as in training: texts so short that attention between their tokens hardly counts


@pytest.mark.parametrize("name", MODELS)
def test_the_work_of_each_model_of_the_zoo_is_about_what_is_counted(name):
    source = ModelSource(place(name))
    query = closed_form.Query(BATCH, TOKENS, source.head)  # counted so; the other counters agree on every model
    counted = FLOP_PER_MAC * sum(closed_form.macs(loading.config(source), query).values()) / (BATCH * TOKENS)
    assert forward_flops_per_token(source.model) == pytest.approx(counted, rel=0.3)


def test_it_takes_no_library_of_models():
    code = (
        "import sys; from benchbench.models import forward_work, zoo; "
        "forward_work.forward_flops_per_token(zoo.place('distilbert')); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
