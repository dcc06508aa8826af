"""The trace of a run that this plugin does not schedule: ``--markersteal-trace``."""

from __future__ import annotations

import time
from collections.abc import MutableSequence, Sequence
from typing import TYPE_CHECKING

import pytest

from pytest_markersteal.distribution import protocol, wire
from pytest_markersteal.distribution.collection import Numbering
from pytest_markersteal.distribution.input import estimates_from, suite_from
from pytest_markersteal.distribution.launch import Launch
from pytest_markersteal.distribution.observed import Observed
from pytest_markersteal.distribution.slots import slot_of
from pytest_markersteal.distribution.stored import stored
from pytest_markersteal.distribution.tracing import INTERRUPTED, Tracing
from pytest_markersteal.options import capacities

if TYPE_CHECKING:
    import execnet
    from xdist.workermanage import WorkerController

_ALONE = "main"
"""The name of the only process, where there are no workers."""


class Observer:
    """Registered on the controller of a run with another dist mode, or without workers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._began_s = time.perf_counter()
        self._launch = Launch()
        self._launched_s = {_ALONE: self._began_s}
        self._slots = 1
        self._tellers: dict[str, _Teller] = {}
        self._ids: Sequence[str] = ()
        self.tracing: Tracing | None = None
        """Once tests were collected."""
        self.silent: list[str] = []
        """Workers that told nothing: they don't run this plugin, or another version of it."""
        distributes = config.getoption("tx", None) and config.getoption("dist", "no") != "no"
        self._dist = str(config.getoption("dist")) if distributes else ""
        if not distributes:
            self._tellers[_ALONE] = _Teller(_ALONE, 0)
            observed = Observed(config, self._tellers[_ALONE].take)
            config.pluginmanager.register(observed, "markersteal-observed")

    @pytest.hookimpl
    def pytest_sessionstart(self) -> None:
        """Here the time of a trace begins."""
        self._began_s = self._launched_s[_ALONE] = time.perf_counter()

    @pytest.hookimpl(trylast=True, optionalhook=True)
    def pytest_xdist_setupnodes(self, specs: MutableSequence[execnet.XSpec]) -> None:
        """Workers are about to be started."""
        self._slots = len(specs)
        self._launch.begin(len(specs))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: WorkerController) -> None:
        """Open our own channel to a worker before it starts."""
        name = str(node.gateway.id)
        spec = node.gateway.spec
        is_local = bool(spec.popen and not spec.via)
        self._tellers[name] = teller = _Teller(name, slot_of(spec), is_local=is_local)
        channel = node.gateway.newchannel()
        node.workerinput[protocol.OBSERVED_KEY] = channel
        channel.setcallback(teller.receive)
        self._launched_s[name] = self._launch.launched()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(
        self, node: WorkerController, ids: Sequence[str]
    ) -> None:
        """A worker is ready."""
        self._join(str(node.gateway.id), ids)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The only process is ready; it has told what it collected."""
        self._join(_ALONE, [item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: WorkerController, error: object) -> None:
        """A worker is gone."""
        if error is not None:
            self._tellers[str(node.gateway.id)].leave()

    @pytest.hookimpl
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """The run ends now."""
        if self.tracing is not None:
            self.tracing.interrupted(str(excinfo.value) or INTERRUPTED)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """The run is over."""
        if self.tracing is not None:
            why = session.shouldstop or session.shouldfail
            self.tracing.end(int(session.exitstatus), str(why) if why else None)

    def _join(self, name: str, ids: Sequence[str]) -> None:
        teller = self._tellers[name]
        if teller.catalog is None:
            self.silent.append(name)
            return
        if self.tracing is None:
            self.tracing = Tracing(
                self._config, self._began_s, self._dist, self._slots, self._launched_s
            )
            suite = suite_from(ids, teller.catalog, capacities(self._config))
            history = stored(self._config).history
            self.tracing.tests(ids, suite, estimates_from(ids, suite, history))
            self._ids = ids
        teller.join(self.tracing, Numbering(self._ids, ids))


class _Teller:
    """Takes in what one worker tells; its messages may come in another thread."""

    def __init__(self, name: str, slot: int, *, is_local: bool = True) -> None:
        """``is_local``: on this machine, where processes share the clock."""
        self._name = name
        self._slot = slot
        self._is_local = is_local
        self._ahead_s = 0.0
        self._tracing: Tracing | None = None
        self._numbering: Numbering | None = None
        self._running: int | None = None
        self.catalog: protocol.Catalog | None = None

    def receive(self, data: bytes) -> None:
        """Take in bytes."""
        for message in wire.decode_batch(data)[1]:
            self.take(message)

    def take(self, message: protocol.Message) -> None:
        """Take in a message."""
        match message:
            case protocol.Catalog(version=protocol.VERSION):
                self.catalog = message
                if not self._is_local:
                    self._ahead_s = time.perf_counter() - message.collected_s
            case protocol.Step(finished, timing, started, _) if self._tracing and self._numbering:
                if finished is not None:
                    test = self._numbering.to_run(finished)
                    took = protocol.timing_of(timing)
                    self._tracing.finished(self._name, test, took, self._ahead_s, parked=False)
                self._running = None if started is None else self._numbering.to_run(started)
                if self._running is not None:
                    self._tracing.started(self._name, self._running)

    def join(self, tracing: Tracing, numbering: Numbering) -> None:
        """It is ready, and has sent its catalog."""
        assert self.catalog is not None
        tracing.joined(self._name, self._slot, self.catalog, self._ahead_s)
        self._tracing, self._numbering = tracing, numbering

    def leave(self) -> None:
        """It is gone."""
        if self._tracing is not None:
            self._tracing.left(self._name, self._running)
