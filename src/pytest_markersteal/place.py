"""Where this process runs: its slot, how many there are, and the run that it belongs to.

The answers are environment variables, so that processes which a test starts have them too. Each
pytest sets them before it imports a conftest; see ``safety.placing``.
"""

from __future__ import annotations

import os

SLOT_VARIABLE = "PYTEST_MARKERSTEAL_SLOT"
COUNT_VARIABLE = "PYTEST_MARKERSTEAL_SLOTS"
RUN_VARIABLE = "PYTEST_MARKERSTEAL_RUN"

STARTING_VARIABLE = "PYTEST_MARKERSTEAL_STARTING"
"""Set for a worker until it has read its place, and so never for a pytest that one of its tests
starts, which inherits the others."""

PLACE_VARIABLES = (SLOT_VARIABLE, COUNT_VARIABLE, RUN_VARIABLE, STARTING_VARIABLE)


def worker_slot() -> int:
    """The slot of this worker, 0 to ``slot_count() - 1``; 0 where nothing is distributed.

    A worker that replaces a crashed one has the slot of that one, and so has a process that runs
    again what a slot ran (``--slot``). The controller, which runs no test, has 0.
    """
    return int(os.environ.get(SLOT_VARIABLE, "0"))


def slot_count() -> int:
    """How many slots the run has; 1 where nothing is distributed."""
    return int(os.environ.get(COUNT_VARIABLE, "1"))


def run_id() -> str:
    """What only this run of pytest is called: the same in the controller and in all workers.

    32 hexadecimal digits, or what ``--testrunuid`` says. ``LookupError`` outside of a run.
    """
    try:
        return os.environ[RUN_VARIABLE]
    except KeyError:
        raise LookupError(
            f"{RUN_VARIABLE} is not set: only pytest, and what it starts, belongs to a run"
        ) from None
