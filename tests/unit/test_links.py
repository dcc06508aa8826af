"""The controller's end of a channel: what it asks of a worker by itself."""

from __future__ import annotations

import dataclasses
import threading
from types import SimpleNamespace
from typing import Any

import execnet
import pytest

from pytest_markersteal.distribution import link as link_module
from pytest_markersteal.distribution import protocol
from pytest_markersteal.distribution.distance import AT_ONCE
from pytest_markersteal.distribution.link import Link
from pytest_markersteal.distribution.wire import decode, encode_batch_of

CATALOG = protocol.Catalog(protocol.VERSION, "1.0", [], [], [], collected_s=0.0)


class Wire:
    """A worker ``way_s`` away whose clock shows ``behind_s`` less, as a node of xdist's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, spec: str, way_s: float, behind_s: float):
        self.now_s = 1000.0
        self.pings = 0
        self.events: list[Any] = []
        self.workerinput: dict[str, Any] = {}
        self._way_s, self._behind_s = way_s, behind_s
        self._sent: list[bytes] = []
        monkeypatch.setattr(link_module.time, "perf_counter", lambda: self.now_s)
        monkeypatch.setattr(link_module, "start_thread", lambda target: target())
        channel = SimpleNamespace(send=self._sent.append, setcallback=self._keep)
        self.gateway = SimpleNamespace(
            id="gw0", spec=execnet.XSpec(spec), newchannel=lambda: channel
        )
        self.putevent = self.events.append
        self.link = Link(self, None)  # type: ignore[arg-type] # all of a node that it looks at

    def _keep(self, receive: Any, endmarker: object) -> None:
        self._receive = receive

    def say(self, message: protocol.Message) -> None:
        """The worker sends ``message``, and answers all pings that come back."""
        self.now_s += self._way_s
        self._receive(encode_batch_of(message))
        while self._sent:
            ping = decode(self._sent.pop())
            assert isinstance(ping, protocol.Ping)
            self.pings += 1
            self.now_s += self._way_s
            clock_s = self.now_s - self._behind_s
            self.say(protocol.Pong(ping.sent_s, clock_s))


def test_a_worker_that_collected_is_pinged_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found out goes to the scheduler with each answer."""
    wire = Wire(monkeypatch, "socket=host:8888", way_s=0.1, behind_s=400.0)
    wire.say(CATALOG)
    assert wire.pings == len(wire.events) == AT_ONCE
    assert wire.link.round_trip_s == pytest.approx(0.2)
    assert wire.link.ahead_s == pytest.approx(400.0)


def test_a_worker_of_another_version_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would not understand, and is told so when its catalog is taken."""
    wire = Wire(monkeypatch, "socket=host:8888", way_s=0.1, behind_s=0.0)
    wire.say(dataclasses.replace(CATALOG, version=protocol.VERSION - 1))
    assert wire.pings == 0


def test_workers_are_pinged_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """When they say something; nobody waits for it."""
    wire = Wire(monkeypatch, "socket=host:8888", way_s=0.001, behind_s=0.0)
    wire.say(CATALOG)
    wire.say(protocol.Hungry(0))
    assert wire.pings == AT_ONCE
    wire.now_s += 60
    wire.say(protocol.Hungry(0))
    assert wire.pings == AT_ONCE + 1


def test_what_comes_is_taken_in_while_nothing_can_go_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker that waits until its report is taken takes nothing itself."""
    start_thread = link_module.start_thread
    wire = Wire(monkeypatch, "popen", way_s=0.0, behind_s=0.0)
    monkeypatch.setattr(link_module, "start_thread", start_thread)
    taken, sent = threading.Event(), threading.Event()

    def send(message: protocol.Message) -> None:
        taken.wait(60)
        sent.set()

    monkeypatch.setattr(wire.link, "send", send)
    wire.say(CATALOG)
    assert not sent.is_set()
    taken.set()
    assert sent.wait(60)


def test_processes_of_one_machine_share_its_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is measured is nearer to the truth; the way to them is measured as ever."""
    wire = Wire(monkeypatch, "popen", way_s=0.1, behind_s=0.003)
    wire.say(CATALOG)
    assert wire.link.ahead_s == 0
    assert wire.link.round_trip_s == pytest.approx(0.2)


def test_before_the_first_answer_the_catalog_tells_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Too late by its way."""
    wire = Wire(monkeypatch, "ssh=host", way_s=0.1, behind_s=0.0)
    monkeypatch.setattr(wire.link, "_ping", lambda: None)
    wire.say(protocol.Catalog(protocol.VERSION, "1.0", [], [], [], collected_s=999.0))
    assert wire.link.ahead_s == pytest.approx(1.1)
    assert wire.link.round_trip_s == 0
