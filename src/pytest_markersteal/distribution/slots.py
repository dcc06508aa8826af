"""Slots: compact numbers 0 to n - 1 for the places where workers run.

The number travels as an environment variable in the worker's execnet spec, so it is set before the
worker imports any conftest, and a replacement inherits it because xdist clones the spec of the
worker that crashed. xdist's own ``gwN`` numbers grow with each replacement.
"""

from __future__ import annotations

from collections.abc import MutableSequence

import execnet

from pytest_markersteal.place import COUNT_VARIABLE, SLOT_VARIABLE, STARTING_VARIABLE


def number_slots(specs: MutableSequence[execnet.XSpec]) -> None:
    """Replace each spec by one that also sets the variables of its place."""
    for slot, spec in enumerate(specs):
        variables = {SLOT_VARIABLE: slot, COUNT_VARIABLE: len(specs), STARTING_VARIABLE: 1}
        parts = [str(spec), *(f"env:{name}={value}" for name, value in variables.items())]
        numbered = execnet.XSpec("//".join(parts))
        # Set by xdist on the object, not in the text that it was made from.
        numbered.id, numbered.chdir = spec.id, spec.chdir
        specs[slot] = numbered


def slot_of(spec: execnet.XSpec) -> int:
    """The slot of the worker with ``spec``; 0 where none was given."""
    return int(spec.env.get(SLOT_VARIABLE, "0"))
