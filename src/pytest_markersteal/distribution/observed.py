"""A traced worker of another dist mode, or the only process of a run without workers.

Nothing is changed in how tests run: they are timed, and what is known is told.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import pytest

from pytest_markersteal.distribution import protocol, wire
from pytest_markersteal.distribution.cataloguing import Cataloguer
from pytest_markersteal.distribution.recorder import Clock, Recorder


class Observed:
    """Registered where tests run."""

    def __init__(self, config: pytest.Config, tell: Callable[[protocol.Message], None]) -> None:
        """``tell`` is given a ``Catalog``, and then ``Step``s."""
        self._tell = tell
        clock = Clock()
        self._cataloguer = Cataloguer(clock)
        self._recorder = Recorder(clock)
        self._numbers: dict[pytest.Item, int] = {}
        self._finished: tuple[int, protocol.Timing] | None = None
        """The last test, which is told with the next one: one message for each test."""
        config.pluginmanager.register(self._recorder, "markersteal-recorder")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tell what was collected."""
        self._numbers = {item: number for number, item in enumerate(session.items)}
        self._tell(self._cataloguer.catalog(session))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Time a test."""
        test = self._numbers.get(item)
        if test is None:
            return (yield)  # Some plugin's own.
        self._step(test)
        self._recorder.start()
        has_ended = True
        try:
            return (yield)
        except (KeyboardInterrupt, pytest.exit.Exception):
            has_ended = False
            raise
        finally:
            if has_ended:
                self._finished = test, self._recorder.finish()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Tell of the last test too."""
        try:
            return (yield)
        finally:
            self._step(None)

    def _step(self, started: int | None) -> None:
        if self._finished is None:
            finished, timing = None, None
        else:
            finished, timing = self._finished[0], protocol.timing_fields(self._finished[1])
        self._finished = None
        if finished is not None or started is not None:
            self._tell(protocol.Step(finished, timing, started, False))


def observed_worker(config: pytest.Config) -> Observed:
    """What is registered on a worker, which tells through its channel."""
    given = config.workerinput  # type: ignore[attr-defined] # xdist adds it
    channel = given[protocol.OBSERVED_KEY]
    return Observed(config, lambda message: channel.send(wire.encode_batch_of(message)))
