"""Managers that share lock files, held to a model of who has which port and which ones rest."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_markersteal import PortManager, PortsExhausted

REST = 4
"""How many ticks a port rests; whole numbers, so that times are exact."""

TAKES = st.tuples(st.just("take"), st.integers(0, 2), st.none() | st.integers(0, 3))
GIVES = st.tuples(st.just("give"), st.integers(0, 3), st.none())
WAITS = st.tuples(st.just("wait"), st.integers(1, REST), st.none())


@pytest.fixture(scope="module")
def ports(port_manager: PortManager) -> Iterator[list[int]]:
    """Four ports that nobody else has."""
    with ExitStack() as held:
        yield [held.enter_context(port_manager.port()) for _ in range(4)]


@given(steps=st.lists(st.one_of(TAKES, TAKES, GIVES, WAITS), max_size=25))
@settings(max_examples=50, deadline=None)
def test_ports_are_given_as_promised(
    ports: list[int], steps: list[tuple[str, int, int | None]]
) -> None:
    """Never twice, never while they rest, the preferred one if it can be; all before an error."""
    now = 0.0
    held: dict[int, AbstractContextManager[int]] = {}
    rests_until: dict[int, float] = {}

    def sleep(ticks: float) -> None:
        nonlocal now
        now += ticks

    def give_back(port: int) -> None:
        held.pop(port).__exit__(None, None, None)
        rests_until[port] = now + REST

    with tempfile.TemporaryDirectory() as folder:
        managers = [
            PortManager(
                ports,
                first=number,
                folder=Path(folder),
                quarantine_s=REST,
                clock=lambda: now,
                sleep=sleep,
            )
            for number in range(3)
        ]
        for what, number, preferred in steps:
            if what == "wait":
                now += number
            elif what == "give" and held:
                give_back(sorted(held)[number % len(held)])
            elif what == "take":
                wanted = None if preferred is None else ports[preferred]
                left = {port: rests_until.get(port, 0.0) for port in ports if port not in held}
                taken = managers[number].port(wanted)
                if not left:
                    with pytest.raises(PortsExhausted):
                        taken.__enter__()
                    continue
                began, soonest = now, max(now, min(left.values()))
                port = taken.__enter__()
                held[port] = taken
                assert now == soonest, "one waits only where no port is rested, and not longer"
                assert left[port] <= now
                if wanted in left and left[wanted] <= began:
                    assert port == wanted
        for port in list(held):
            give_back(port)
