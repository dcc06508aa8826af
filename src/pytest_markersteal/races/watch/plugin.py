"""The hooks on the controller, or in the only process: take in footprints and join them."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

import pytest_markersteal
from pytest_markersteal.distribution.watching import Channels, Place, sender
from pytest_markersteal.races.watch import findings
from pytest_markersteal.races.watch.concluding import conclude
from pytest_markersteal.races.watch.findings import Watched, as_json
from pytest_markersteal.races.watch.footprint import (
    VERSION,
    FootprintError,
    Hello,
    Record,
    Trouble,
    decode,
    encode,
)
from pytest_markersteal.races.watch.join import Clash, Join, Source
from pytest_markersteal.races.watch.marked import Marks
from pytest_markersteal.races.watch.watcher import Watcher
from pytest_markersteal.trace.folder import own_folder

_ALONE = Place("main", 0)
"""The only process, where there are no workers."""


class WatchPlugin:
    """Registered on the controller, or in the only process."""

    def __init__(self, config: pytest.Config, marks: Callable[[pytest.Session], Marks]) -> None:
        """``marks`` gives those that the scheduler heeds, once the session is over."""
        self.config = config
        self._marks = marks
        self._began_s = time.perf_counter()
        self._began = datetime.now().astimezone()
        self._received: queue.SimpleQueue[tuple[Place, bytes, float]] = queue.SimpleQueue()
        self._join = Join()
        self._sources: dict[str, Source] = {}
        """Of the workers that said hello, by name."""
        self._trouble: dict[str, str] = {}
        """Of workers, by name."""
        self._refused: set[str] = set()
        """Workers of which nothing more is taken in."""
        self._channels: Channels | None = None
        self._news: list[Clash] = []
        self.path: Path | None = None
        """The file that was written, if one could be."""
        self.watched: Watched | None = None
        """Once the session is over, if tests were to run."""
        if config.getoption("tx", None) and config.getoption("dist", "no") != "no":
            self._channels = Channels(self._receive)
            config.pluginmanager.register(self._channels, "markersteal-watch-channels")
        else:
            watcher = Watcher(config, "", self._take_own)
            config.pluginmanager.register(watcher, "markersteal-watcher")

    def news(self) -> list[Clash]:
        """The clashes that have come to light since this was last asked."""
        self._take_received()
        news, self._news = self._news, []
        return news

    @pytest.hookimpl
    def pytest_sessionstart(self) -> None:
        """Here the time of the findings begins."""
        self._began_s = time.perf_counter()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """All workers have ended: conclude, and write the file."""
        self._take_received()
        self._news += self._join.finish()
        if not self._sources and not self._trouble:
            return  # Nothing was collected.
        slots = len({source.slot for source in self._sources.values()})
        self._write(
            Watched(
                began=self._began.isoformat(timespec="seconds"),
                arguments=tuple(map(str, self.config.invocation_params.args)),
                slots=slots,
                processes=self._join.processes,
                trouble=tuple(self._all_trouble()),
                findings=tuple(conclude(self._join, self._began_s, self._marks(session))),
            )
        )

    def _write(self, watched: Watched) -> None:
        try:
            path = own_folder(self.config.rootpath) / findings.FILE
            path.write_text(as_json(watched), encoding="ascii")
        except OSError as error:
            why = f"no findings were written: {error.strerror or error}"
            watched = replace(watched, trouble=(*watched.trouble, why))
        else:
            self.path = path
        self.watched = watched

    def _all_trouble(self) -> list[str]:
        found = list(self._trouble.values())
        workers = [] if self._channels is None else self._channels.workers
        silent = [one for one in workers if one not in {*self._sources, *self._trouble}]
        if silent:
            found.append(f"not watched: {', '.join(silent)}; {_install()}")
        return found

    # In other threads

    def _receive(self, place: Place, data: bytes) -> None:
        self._received.put((place, data, time.perf_counter()))

    # In the main thread

    def _take_own(self, records: Sequence[Record]) -> None:
        self._take(_ALONE, records, self._began_s)

    def _take_received(self) -> None:
        while not self._received.empty():
            place, data, at_s = self._received.get()
            if place.worker in self._refused:
                continue
            try:
                self._take(place, decode(data), at_s)
            except FootprintError as error:
                self._refuse(place.worker, f"sent what is no footprint: {error}")

    def _take(self, place: Place, records: Sequence[Record], at_s: float) -> None:
        for record in records:
            match record:
                case Hello(version, package) if version != VERSION:
                    self._refuse(place.worker, f"has pytest-markersteal {package}")
                    return
                case Hello(_, _, now_s):
                    # Processes of one machine share the clock.
                    ahead_s = at_s - now_s if place.machine else 0.0
                    self._sources[place.worker] = Source(*place, ahead_s)
                case Trouble(why):
                    self._trouble[place.worker] = f"{place.worker} has not seen all: {why}"
                case _ if place.worker in self._sources:
                    self._news += self._join.add(self._sources[place.worker], record)
                case _:
                    raise FootprintError(f"{type(record).__name__} came before Hello")

    def _refuse(self, worker: str, why: str) -> None:
        self._refused.add(worker)
        self._trouble[worker] = f"not watched from then on: {worker}, which {why}; {_install()}"


def watch_worker(config: pytest.Config) -> None:
    """Watch on this worker, if the controller does."""
    send = sender(config)
    if send is not None:
        worker = str(config.workerinput["workerid"])  # type: ignore[attr-defined] # xdist adds it
        watcher = Watcher(config, worker, lambda records: send(encode(records)))
        config.pluginmanager.register(watcher, "markersteal-watcher")


def _install() -> str:
    return f"install pytest-markersteal {pytest_markersteal.__version__} where it runs"
