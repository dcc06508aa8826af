"""The worker's transport: what goes out when, and by which way."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_markersteal.distribution.protocol import Event, Message, Step, decode_batch
from pytest_markersteal.distribution.transport import Transport

PASS = {"outcome": "passed", "longrepr": None, "location": ("a.py", 1, "t")}
FAILURE = {"outcome": "failed", "longrepr": "AssertionError"}


class Wires:
    """Both channels, as one list of what arrived in which order."""

    def __init__(self) -> None:
        self.arrived: list[list[Message] | tuple[str, dict[str, Any]]] = []
        self.transport = Transport(
            lambda data: self.arrived.append(decode_batch(data)),
            lambda name, **kwargs: self.arrived.append((name, kwargs)),
        )

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
