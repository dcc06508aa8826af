"""Slots: compact numbers 0 to n - 1 for the places where workers run.

The number travels as an environment variable in the worker's execnet spec, so it is set before the
worker imports any conftest, and a replacement inherits it because xdist clones the spec of the
worker that crashed. xdist's own ``gwN`` numbers grow with each replacement.
"""

from __future__ import annotations

from collections.abc import Sequence

import execnet

from pytest_markersteal.place import COUNT_VARIABLE, SLOT_VARIABLE, STARTING_VARIABLE


def number_slots(specs: Sequence[execnet.XSpec]) -> None:
    """Let each spec also set the variables of its place.

    Its text stays: specs are equal by it, and xdist sends files once for those that are.
    """
    for slot, spec in enumerate(specs):
        variables = {SLOT_VARIABLE: slot, COUNT_VARIABLE: len(specs), STARTING_VARIABLE: 1}
        spec.env.update((name, str(value)) for name, value in variables.items())


def slot_of(spec: execnet.XSpec) -> int:
    """The slot of the worker with ``spec``; 0 where none was given."""
    return int(spec.env.get(SLOT_VARIABLE, "0"))
