"""Which of a recipe's speed-ups act on which device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from benchbench import machine
from benchbench.suites.schema import Training


@dataclass(frozen=True, slots=True)
class SpeedUps:
    """What a training does to be faster than the usual script; `precision`: 'fp32', or 'bf16' for autocast."""

    precision: str
    frozen_encoder: bool
    fast_dropout: bool
    lowered: bool
    group_by_length: bool
    padded_to_longest: bool
    short_loop: bool
    compiled: bool
    bf16_states: bool
    memory_kept: bool

    @property
    def names(self) -> tuple[str, ...]:
        """In words, those that act."""
        return tuple(self._names())

    def _names(self) -> Iterator[str]:
        words = {
            "frozen encoder": self.frozen_encoder,
            "short loop": self.short_loop,
            "batches of one length": self.group_by_length,
            "padded to the batch's longest": self.padded_to_longest,
            "lowered": self.lowered,
            "fast dropout": self.fast_dropout,
            "bf16 autocast": self.precision == "bf16",
            "bf16 between layers": self.bf16_states,
            "memory kept": self.memory_kept,
            "compiled": self.compiled,
        }
        return (name for name, acts in words.items() if acts)


def speed_ups(
    training: Training, device: str, *, lowered: bool, native_bf16: bool, states_can_be_bf16: bool, keeps_memory: bool
) -> SpeedUps:
    """Of `training` on a `device` ('cpu', 'cuda' or 'mps'). `lowered`: whether any layer of the model is.

    `native_bf16`: whether the device computes bf16 itself; where it does not, 'auto' is fp32, as bf16 would be slower.
    Fast dropout is for CPUs alone: a GPU draws its random numbers in the kernel that drops. A compiled step has
    PyTorch's own, which the compiler takes in. With a frozen encoder nothing is dropped, and there is no step. bf16
    states and kept memory come with the short loop on a CPU, where the model (`states_can_be_bf16`) and the system
    (`keeps_memory`) can have them.
    """
    wanted, frozen = training.precision, training.encoder == "frozen"
    precision = wanted if wanted != "auto" else "bf16" if native_bf16 else "fp32"
    short_on_cpu = device == "cpu" and training.loop == "short" and not training.compiled and not frozen
    return SpeedUps(
        precision=precision,
        frozen_encoder=frozen,
        fast_dropout=training.fast_dropout and device == "cpu" and not training.compiled and not frozen,
        lowered=lowered,
        group_by_length=training.group_by_length,
        padded_to_longest=training.padding == "longest",
        short_loop=training.loop == "short" and not frozen,
        compiled=training.compiled and not frozen,
        bf16_states=short_on_cpu and precision == "bf16" and states_can_be_bf16,
        memory_kept=short_on_cpu and keeps_memory,
    )


def computes_bf16(device: str) -> bool:
    """Whether the device has instructions for bf16."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device == "cpu" and not machine.lacks("bf16")
