"""How others reach the scheduler: through the queue of xdist's loop, which the main thread empties.

The loop knows the events of its own workers only. One of them, ``unscheduled``, it brings before
the scheduler with an argument as it came, and uses it for nothing else while this scheduler runs.
Here that is an errand: what to do with the scheduler, between two events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from pytest_markersteal.distribution.scheduling import MarkerStealScheduling

Event: TypeAlias = tuple[str, dict[str, Any]]
"""An event of xdist's session: its name, and the arguments of the method that handles it."""

Errand: TypeAlias = "Callable[[MarkerStealScheduling], None]"


def event_of(errand: Errand) -> Event:
    """What has ``errand`` done once it is put into the queue, from any thread."""
    return "unscheduled", {"node": None, "indices": errand}
