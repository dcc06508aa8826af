"""Workers' messages as the core's events, in the run's numbers, and as what is written down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_markersteal.core import messages
from pytest_markersteal.distribution import protocol
from pytest_markersteal.distribution.collection import Numbering
from pytest_markersteal.distribution.link import Link
from pytest_markersteal.distribution.places import setups_of
from pytest_markersteal.distribution.timings import Timings
from pytest_markersteal.distribution.tracing import Tracing


class Incoming:
    """Takes in what the workers of one run send."""

    def __init__(self, ids: Sequence[str], timings: Timings, tracing: Tracing) -> None:
        """The tests ``ids`` run; how long they took goes into ``timings`` and ``tracing``."""
        self._ids = ids
        self._timings = timings
        self._tracing = tracing

    def events_of(
        self, message: protocol.Message, link: Link, numbering: Numbering
    ) -> Iterator[messages.Event]:
        """What the core is told of ``message``; ``ProtocolError`` if it is not for it."""
        match message:
            case protocol.Step():
                yield from self._events_of_step(message, link, numbering)
            case protocol.Pong():
                yield messages.RoundTrip(link.name, link.round_trip_s)
            case protocol.Hungry(received):
                yield messages.Hungry(link.name, received)
            case protocol.Recalled(tests):
                yield messages.Recalled(link.name, tuple(map(numbering.to_run, tests)))
            case _:
                raise protocol.ProtocolError(f"{link.name} sent {message!r}, which is for workers")

    def _events_of_step(
        self, step: protocol.Step, link: Link, numbering: Numbering
    ) -> Iterator[messages.Event]:
        if step.finished is not None:
            test = numbering.to_run(step.finished)
            timing = protocol.timing_of(step.timing or [])
            self._timings.add(test, timing, link.machine)
            self._tracing.finished(link.name, test, timing, link.ahead_s, parked=step.parked)
            setups_s = setups_of(self._ids[test], timing.fixtures) if timing.fixtures else {}
            yield messages.Finished(link.name, test, timing.wall_s, setups_s)
        if step.started is not None:
            test = numbering.to_run(step.started)
            self._tracing.started(link.name, test)
            yield messages.Started(link.name, test)
        elif step.parked:
            yield messages.Parked(link.name)
