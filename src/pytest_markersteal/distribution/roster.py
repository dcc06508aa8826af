"""The workers of a run: who is up, what each collected, and who can run tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pytest_markersteal.distribution.collection import Numbering
from pytest_markersteal.distribution.link import Link, worker_name
from pytest_markersteal.distribution.slots import slot_of

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController


class Roster:
    """A worker is started, then up, then has collected, and then joins or is refused."""

    def __init__(self, links: dict[Any, Link], slots: int) -> None:
        """``links``, of all that were started and are not known to be gone, is kept by others."""
        self._links = links
        self._slots = slots
        self._refused: set[WorkerController] = set()
        self._lost: set[int] = set()
        self.up: list[WorkerController] = []
        self.collections: dict[WorkerController, Sequence[str]] = {}
        """The node ids of those that have not joined yet."""
        self.numberings: dict[WorkerController, Numbering] = {}
        """Of those that joined."""

    @property
    def has_collected(self) -> bool:
        """Whether all that were started, and are still there, have; one at least."""
        return 0 < len(self._links) <= len(self.collections)

    @property
    def is_stranded(self) -> bool:
        """Whether no worker is there, or on its way, that could run anything."""
        return len(self._links) == len(self._refused)

    def collected(self) -> list[WorkerController]:
        """Who has, in the order in which they were started, and not in that of being ready."""
        return [node for node in self._links if node in self.collections]

    def numbering(self, node: WorkerController) -> Numbering | None:
        """How a worker numbers tests, if it has joined and is not given up."""
        return self.numberings.get(node) if node in self.up else None

    def by_name(self) -> dict[str, WorkerController]:
        """Who joined and can still be reached."""
        return {worker_name(node): node for node in self.numberings if node in self._links}

    def refuse(self, node: WorkerController) -> None:
        """It is of no use, and mans no slot."""
        self._refused.add(node)

    def remove(self, node: WorkerController) -> bool:
        """It is gone; whether it had joined. ``KeyError`` if it was never up."""
        self._refused.discard(node)
        if node not in self.up:
            raise KeyError(node)
        self.up.remove(node)
        self.collections.pop(node, None)
        return self.numberings.pop(node, None) is not None

    def newly_lost_slots(self) -> list[int]:
        """Where nobody is or will be: no restarts are left, or what was started is of no use."""
        if len(self._links) - len(self._refused) + len(self._lost) >= self._slots:
            return []
        manned = {slot_of(node.gateway.spec) for node in self._links.keys() - self._refused}
        lost = sorted(set(range(self._slots)) - manned - self._lost)
        self._lost.update(lost)
        return lost
