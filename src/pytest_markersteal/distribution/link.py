"""The controller's end of the channel to one worker."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

import pytest_markersteal
from pytest_markersteal.distribution import protocol
from pytest_markersteal.distribution.worker import INPUT_KEY

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController


class Link:
    """Carries messages between the scheduler and the worker of ``node``."""

    def __init__(self, node: WorkerController) -> None:
        """Open the channel and hand its other end to the worker."""
        self._node = node
        self._channel = node.gateway.newchannel()
        self.catalog: protocol.Catalog | None = None
        node.workerinput[INPUT_KEY] = self._channel
        self._channel.setcallback(self._receive)

    def _receive(self, data: bytes) -> None:
        """Take in a message: in execnet's receiver thread, so nothing is decided here."""
        try:
            messages = protocol.decode_batch(data)
        except protocol.ProtocolError as error:
            self._tell(error)
            return
        for message in messages:
            match message:
                case protocol.Event(name, kwargs):
                    self._node.process_from_remote((name, kwargs))
                case protocol.Catalog():
                    self.catalog = message
                case _:
                    self._tell(message)

    def _tell(self, message: protocol.Message | protocol.ProtocolError) -> None:
        """Put ``message`` before the scheduler, in the main thread and in order.

        xdist's queue knows only xdist's events; this one is handed to the scheduler's
        ``remove_pending_tests_from_node``.
        """
        self._node.notify_inproc("unscheduled", node=self._node, indices=message)

    def send(self, message: protocol.Message) -> None:
        """Send, unless the worker is gone: then xdist is about to say so."""
        with contextlib.suppress(OSError):
            self._channel.send(protocol.encode(message))

    def take_catalog(self, tests: int) -> protocol.Catalog:
        """The worker's catalog of its ``tests`` tests; ``UsageError`` if it is unusable."""
        catalog, self.catalog = self.catalog, None
        name = self._node.gateway.id
        here = f"pytest-markersteal {pytest_markersteal.__version__}"
        if catalog is None:
            raise pytest.UsageError(
                f"worker {name} sent no list of marks: it does not run {here}; "
                "install the same version where that worker runs"
            )
        if catalog.version != protocol.VERSION:
            raise pytest.UsageError(
                f"worker {name} has pytest-markersteal {catalog.package}, here is {here}; "
                "install the same version where that worker runs"
            )
        if len(catalog.demand_of) != tests or (
            tests and max(catalog.demand_of) >= len(catalog.demands)
        ):
            raise pytest.UsageError(f"worker {name} sent marks for other tests than it collected")
        return catalog


def worker_name(node: Any) -> str:
    """The name of the worker of ``node``, as xdist shows it."""
    return str(node.gateway.id)
