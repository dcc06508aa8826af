"""The worker's half: tells what it collected, and runs what it is told, one test at a time.

It replaces the run loop of xdist's worker, which can't bind late, and leaves everything else to it:
reports, warnings and the end of the session travel as ever.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
from xdist.remote import worker_title

from pytest_markersteal.distribution import blackbox, protocol, wire
from pytest_markersteal.distribution.alarm import Timeouts
from pytest_markersteal.distribution.cataloguing import Cataloguer
from pytest_markersteal.distribution.connection import make_steady
from pytest_markersteal.distribution.inbox import Inbox
from pytest_markersteal.distribution.nextitem import NextItem, bind
from pytest_markersteal.distribution.recorder import Clock, Recorder
from pytest_markersteal.distribution.refused import refusals_told
from pytest_markersteal.distribution.session_teardown import tear_down_session
from pytest_markersteal.distribution.transport import Transport
from pytest_markersteal.holdings import hold
from pytest_markersteal.options import transport_is_batched


class WorkerPlugin:
    """Registered on each worker of a run with ``--dist markersteal``."""

    def __init__(self, config: pytest.Config) -> None:
        config.option.basetemp = folder_here(config.option.basetemp)
        self._given = config.workerinput  # type: ignore[attr-defined] # xdist adds it
        self._channel = self._given[protocol.INPUT_KEY]
        make_steady(self._channel.gateway)  # Execnet's receiver thread sends too.
        self._inbox = Inbox(self._send)
        self._transport: Transport | None = None
        self._deselected = self._removed = 0
        self._clock = Clock()
        self._cataloguer = Cataloguer(self._clock)
        self._recorder = Recorder(self._clock)
        config.pluginmanager.register(self._recorder, "markersteal-recorder")
        self._timeouts = Timeouts()
        config.pluginmanager.register(self._timeouts, "markersteal-timeouts")

    def _send(self, message: protocol.Message) -> None:
        """Send a message of our own; some come from the receiver thread, and don't wait."""
        at_once = isinstance(message, (protocol.Recalled, protocol.Pong))
        if self._transport is not None and not at_once:
            self._transport.flush()
        self._channel.send(wire.encode_batch_of(message))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, object, object]:
        """Have it known if pytest can't take its arguments."""
        with refusals_told(session.config):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, items: Sequence[pytest.Item]
    ) -> Generator[None, object, object]:
        """Count what is left out, also by a conftest that tells nobody of it.

        Without them, a run says nothing about what there is no more.
        """
        found = len(items)
        try:
            return (yield)
        finally:
            self._removed = found - len(items)

    @pytest.hookimpl
    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Count those that were left out as they should be, where others were added too."""
        self._deselected += len(items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Send the marks, ahead of the node ids that xdist sends next."""
        left_out = max(self._deselected, self._removed)
        self._send(self._cataloguer.catalog(session, left_out))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run tests until told to stop."""
        interactor = xdist_interactor(session.config)
        box = self._given.get(protocol.BOX_KEY)
        batched = transport_is_batched(session.config)
        transport = Transport(
            self._channel.send,
            interactor.sendevent,
            self._clock.wall_s,
            blackbox.opened(Path(box)) if box and batched else None,
            batched=batched,
        )
        if batched:
            interactor.sendevent = transport.sendevent
        self._transport = transport
        self._channel.setcallback(self._on_message)
        interactor.channel.setcallback(self._on_xdist_command, endmarker=None)
        try:
            test = self._inbox.wait()
            if test is not None:
                transport.step(protocol.Step(None, None, test, False))
            while test is not None:
                test = self._run(session, interactor, transport, test)
        finally:
            transport.end()
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Have it known which test it is that may end this worker."""
        if self._transport is not None:
            self._transport.begin()

    def _run(
        self, session: pytest.Session, interactor: Any, transport: Transport, test: int
    ) -> int | None:
        """Run ``test``, report it, and return the next, which has been reported as started."""
        item = session.items[test]
        hold(item, self._inbox.instances(test))
        chosen: list[int] = []

        def choose() -> pytest.Item | pytest.Session | None:
            # The test's own patches are still on, so nothing of the standard library is looked up.
            began_s = self._clock.wall_s()
            with self._timeouts.off(item):
                index = self._inbox.next()
            self._recorder.waited(began_s)
            if index is not None:
                chosen.append(index)
                return session.items[index]
            # Parked, it keeps what is of session scope: every test is below the session.
            return None if self._inbox.stopped else session

        # xdist's reports carry the number of the test that it believes to be running.
        interactor.item_index = test
        stand_in = NextItem(choose, session)
        self._recorder.start()
        worker_title(f"[pytest-xdist running] {item.nodeid}")
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=stand_in)
        worker_title("[pytest-xdist idle]")
        timing = protocol.timing_fields(self._recorder.finish())
        if session.shouldfail or session.shouldstop:
            transport.step(protocol.Step(test, timing, None, False))
            return None
        bind(stand_in)
        if chosen and self._inbox.may_start():
            transport.step(protocol.Step(test, timing, chosen[0], False))
            return chosen[0]
        if chosen:
            # Other workers may wait for the end of this test, so it is told before waiting.
            transport.step(protocol.Step(test, timing, None, False))
            after = chosen[0] if self._inbox.wait_at_gate() else None
        else:
            transport.step(protocol.Step(test, timing, None, not self._inbox.stopped))
            after = self._inbox.wait()
        if after is not None:
            transport.step(protocol.Step(None, None, after, False))
        else:
            tear_down_session(item)
        return after

    # The receiver thread

    def _on_message(self, data: bytes) -> None:
        try:
            message = wire.decode(data)
            if isinstance(message, protocol.Ping):
                self._send(protocol.Pong(message.sent_s, self._clock.wall_s()))
            else:
                self._inbox.receive(message)
        except BaseException:
            # execnet closes the channel on an error; nothing more would ever come.
            self._inbox.stop()
            raise

    def _on_xdist_command(self, command: Any) -> None:
        """Leave when xdist says so, or when its channel ends."""
        if command is None or command[0] == "shutdown":
            self._inbox.stop()


def folder_here(given: str | None) -> str | None:
    """The folder for temporary ones that xdist has ``given``, if it can be made here.

    Workers of proxies are given one in the controller's, which may be on another machine; with
    None, pytest takes one of its own.
    """
    return given if given and Path(given).parent.is_dir() else None


def xdist_interactor(config: pytest.Config) -> Any:
    """xdist's own plugin on this worker: private to xdist, and the only way to its channel.

    Used of it: ``channel`` (xdist's commands and the end of the connection), ``item_index`` (which
    it puts into reports) and ``sendevent`` (for which the transport stands in).
    """
    for plugin in config.pluginmanager.get_plugins():
        if type(plugin).__name__ == "WorkerInteractor":
            return plugin
    raise RuntimeError(
        "pytest-xdist's worker plugin was not found: this version of pytest-xdist is not supported "
        "by pytest-markersteal"
    )
