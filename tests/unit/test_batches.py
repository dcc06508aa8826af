"""The worker's transport: what goes out when, and by which way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_markersteal.distribution import blackbox
from pytest_markersteal.distribution.blackbox import BlackBox
from pytest_markersteal.distribution.protocol import Event, Message, Step
from pytest_markersteal.distribution.transport import PAUSE_S, Transport
from pytest_markersteal.distribution.wire import Encoder, decode, decode_batch, decode_stream

PASS = {"outcome": "passed", "longrepr": None, "location": ("a.py", 1, "t")}
FAILURE = {"outcome": "failed", "longrepr": "AssertionError"}


class Wires:
    """Both channels, as one list of what arrived in which order."""

    def __init__(self, box: BlackBox | None = None) -> None:
        self.now_s = 0.0
        self.numbers: list[int | None] = []
        self.something = threading.Event()
        """Set when a second batch has arrived."""
        self.arrived: list[list[Message] | tuple[str, dict[str, Any]]] = []
        self.transport = Transport(
            self._receive,
            lambda name, **kwargs: self.arrived.append((name, kwargs)),
            lambda: self.now_s,
            box,
        )

    def _receive(self, data: bytes) -> None:
        first, messages = decode_batch(data)
        self.numbers.append(first)
        self.arrived.append(messages)
        if len(self.arrived) > 1:
            self.something.set()

    def event(self, name: str, **kwargs: Any) -> None:
        self.transport.sendevent(name, **kwargs)


@pytest.fixture
def wires() -> Wires:
    return Wires()


def test_the_events_of_a_test_travel_with_the_start_of_the_next(wires: Wires) -> None:
    """One message a test, in the order in which things happened."""
    wires.event("logstart", nodeid="a")
    wires.event("testreport", data=PASS)
    wires.event("logfinish", nodeid="a")
    wires.transport.step(Step(0, None, 1, False))
    wires.event("logstart", nodeid="b")
    assert wires.arrived == [
        [Event("logstart", {"nodeid": "a"})],
        [
            Event("testreport", {"data": PASS}),
            Event("logfinish", {"nodeid": "a"}),
            Step(0, None, 1, False),
            Event("logstart", {"nodeid": "b"}),
        ],
    ]


def test_a_test_is_told_when_it_starts(wires: Wires) -> None:
    """A crash must be blamed on it, and -v shows it."""
    wires.transport.step(Step(None, None, 0, False))
    wires.event("logstart", nodeid="a")
    assert wires.arrived == [[Step(None, None, 0, False), Event("logstart", {"nodeid": "a"})]]


def test_a_failure_does_not_wait(wires: Wires) -> None:
    """-x must stop as early as it can."""
    wires.event("testreport", data=PASS)
    assert wires.arrived == []
    wires.event("testreport", data=FAILURE)
    assert len(wires.arrived) == 1


def test_a_worker_that_parks_says_so_at_once(wires: Wires) -> None:
    """Nothing follows that would carry it."""
    wires.transport.step(Step(0, None, None, True))
    assert wires.arrived == [[Step(0, None, None, True)]]


@pytest.mark.parametrize(
    "kwargs", [{"data": {"outcome": "passed", "x": {1, 2}}}, {"data": {"x": 2**70}}, {"data": {1j}}]
)
def test_what_cannot_be_carried_exactly_goes_the_plain_way_in_its_place(
    wires: Wires, kwargs: dict[str, Any]
) -> None:
    """Sets and large numbers, for example; what came before goes out before."""
    wires.event("logfinish", nodeid="a")
    wires.event("testreport", **kwargs)
    assert wires.arrived == [[Event("logfinish", {"nodeid": "a"})], ("testreport", kwargs)]


def test_other_events_go_the_plain_way_in_their_place(wires: Wires) -> None:
    """Warnings, the end of the session, whatever xdist may invent."""
    wires.event("logfinish", nodeid="a")
    wires.event("workerfinished", workeroutput={})
    assert [type(arrived) for arrived in wires.arrived] == [list, tuple]


def boxed(tmp_path: Path) -> tuple[Wires, Path]:
    """Wires of a worker with a black box."""
    path = tmp_path / "box"
    blackbox.create(path)
    wires = Wires(BlackBox(path))
    return wires, path


def kept(path: Path) -> list[Message]:
    return decode_stream(blackbox.read(path)[1])


def test_with_a_black_box_starts_that_follow_each_other_quickly_wait(tmp_path: Path) -> None:
    """They are in the box until they are sent, and not afterwards."""
    wires, path = boxed(tmp_path)
    wires.event("logstart", nodeid="a")
    assert len(wires.arrived) == 1
    assert kept(path) == []
    wires.transport.step(Step(0, None, 1, False))
    wires.event("logstart", nodeid="b")
    waiting = [Step(0, None, 1, False), Event("logstart", {"nodeid": "b"})]
    assert kept(path) == waiting
    wires.transport.end()
    assert wires.arrived[1:] == [waiting]
    assert kept(path) == []


def test_after_a_pause_a_start_is_told_at_once(tmp_path: Path) -> None:
    """Tests longer than the pause are shown when they start."""
    wires, _ = boxed(tmp_path)
    wires.event("logstart", nodeid="a")
    wires.now_s += PAUSE_S
    wires.event("logstart", nodeid="b")
    assert len(wires.arrived) == 2
    wires.transport.end()


def test_a_start_that_waits_is_sent_although_nothing_follows(tmp_path: Path) -> None:
    """A long test after short ones is shown while it runs."""
    wires, _ = boxed(tmp_path)
    wires.event("logstart", nodeid="a")
    wires.event("logstart", nodeid="b")
    assert wires.something.wait(30)
    assert wires.arrived[-1] == [Event("logstart", {"nodeid": "b"})]
    wires.transport.end()


def test_what_does_not_fit_into_the_box_is_sent_at_once(tmp_path: Path) -> None:
    """Much output is no reason to lose anything."""
    wires, path = boxed(tmp_path)
    wires.event("logfinish", nodeid="a")
    large = {**PASS, "sections": [["out", "x" * blackbox.SIZE]]}
    wires.event("testreport", data=large)
    assert wires.arrived == [
        [Event("logfinish", {"nodeid": "a"})],
        [Event("testreport", {"data": large})],
    ]
    assert kept(path) == []
    wires.transport.end()


def test_messages_are_numbered_through(tmp_path: Path) -> None:
    """What was sent and is still in the box when the worker dies is recognised."""
    wires, path = boxed(tmp_path)
    for name in "abc":
        wires.event("testreport", data=FAILURE)
        wires.event("logfinish", nodeid=name)
    wires.transport.flush()
    assert wires.numbers == [0, 1, 3, 5]
    assert blackbox.read(path)[0] == 6
    wires.transport.end()


def test_a_batch_is_put_together_while_a_message_is_encoded() -> None:
    """By the thread that sends in time: both arrive, whatever msgpack is made of."""
    encoder = Encoder()
    batches: list[bytes] = []

    class Timing(list[Any]):
        def __getitem__(self, place: Any) -> Any:
            batches.append(encoder.batch(7, [encoded]))
            return super().__getitem__(place)

        def __iter__(self) -> Iterator[Any]:
            return (self[place] for place in range(len(self)))

    encoded = encoder.message(Step(None, None, 3, False))
    step = encoder.message(Step(4, Timing([0.5, 0.25]), 5, False))

    assert decode(step) == Step(4, [0.5, 0.25], 5, False)
    assert {decode_batch(batch)[0] for batch in batches} == {7}
