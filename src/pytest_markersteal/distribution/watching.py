"""A channel for footprints, from each worker to the controller, under any dist mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pytest_markersteal.distribution.slots import slot_of
from pytest_markersteal.distribution.tx import machine_of

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

WATCH_KEY = "markersteal_watch"
"""Where the controller puts the channel in ``config.workerinput``."""


class Place(NamedTuple):
    """Where tests run: on a worker with a slot, on the machine of the controller if that is empty.

    Processes of one machine share the clock.
    """

    worker: str
    slot: int
    machine: str = ""


class Channels:
    """Registered on the controller."""

    def __init__(self, receive: Callable[[Place, bytes], None]) -> None:
        """``receive`` is called in another thread."""
        self._receive = receive
        self.workers: list[str] = []
        """Those that a channel was opened to."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: WorkerController) -> None:
        """Open a channel to a worker before it starts."""
        spec = node.gateway.spec
        place = Place(str(node.gateway.id), slot_of(spec), machine_of(spec))
        self.workers.append(place.worker)
        channel = node.gateway.newchannel()
        node.workerinput[WATCH_KEY] = channel
        channel.setcallback(lambda data: self._receive(place, data))


def sender(config: pytest.Config) -> Callable[[bytes], None] | None:
    """On a worker: what sends to the controller, if that watches."""
    given = config.workerinput  # type: ignore[attr-defined] # xdist adds it
    channel = given.get(WATCH_KEY)
    return None if channel is None else channel.send
