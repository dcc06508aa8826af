"""Slots: compact numbers 0 to n - 1 for the places where workers run.

The number travels as an environment variable in the worker's execnet spec, so it is set before the
worker imports any conftest, and a replacement inherits it because xdist clones the spec of the
worker that crashed. xdist's own ``gwN`` numbers grow with each replacement.
"""

from __future__ import annotations

import os
from collections.abc import MutableSequence

import execnet
import pytest

SLOT_VARIABLE = "PYTEST_MARKERSTEAL_SLOT"

STANDS_FOR = pytest.StashKey[int]()
"""The slot whose tests are run in a process that is no worker."""


def number_slots(specs: MutableSequence[execnet.XSpec]) -> None:
    """Replace each spec by one that also sets the slot variable."""
    for slot, spec in enumerate(specs):
        numbered = execnet.XSpec(f"{spec}//env:{SLOT_VARIABLE}={slot}")
        # Set by xdist on the object, not in the text that it was made from.
        numbered.id, numbered.chdir = spec.id, spec.chdir
        specs[slot] = numbered


def slot_of(spec: execnet.XSpec) -> int:
    """The slot of the worker with ``spec``; 0 where none was given."""
    return int(spec.env.get(SLOT_VARIABLE, "0"))


def current_slot() -> int:
    """The slot of this worker process; 0 where the variable is not set."""
    return int(os.environ.get(SLOT_VARIABLE, "0"))


def own_slot(config: pytest.Config) -> int:
    """The slot of this process; 0 where nothing is distributed."""
    # The variable may be somebody else's, where pytest itself runs inside a test of a worker.
    if hasattr(config, "workerinput"):
        return current_slot()
    return config.stash.get(STANDS_FOR, 0)
