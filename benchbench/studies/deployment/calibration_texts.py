"""The texts of a task's training split that an int8 target is calibrated on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from benchbench.targets.calibration import Calibration
from benchbench.targets.texts import Texts

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase

EXAMPLES = 300
"""As many as NNCF reads by default. On 32, MiniLM in OpenVINO's int8 loses 0.023 of STS-B's Pearson; on 300, 0.008."""


def calibration_of(
    training: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, seed: int, examples: int = EXAMPLES
) -> Calibration:
    """`examples` texts of the tokenised training split, drawn by `seed`; all of them where there are fewer."""
    drawn = numpy.random.default_rng(seed).permutation(len(training))[:examples].tolist()
    tokens = training[sorted(drawn)]
    texts = Texts(
        input_ids=tuple(map(tuple, tokens["input_ids"])),
        token_types=tuple(map(tuple, tokens.get("token_type_ids", ()))),
        padding=(tokenizer.pad_token_id or 0, tokenizer.pad_token_type_id),
        pad_left=tokenizer.padding_side == "left",
    )
    return Calibration(texts, "training texts", seed)
