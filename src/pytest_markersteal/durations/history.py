"""What is known of earlier runs."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pytest_markersteal.core.suite import Demand

NEW_SHARE = 0.5
"""How far a new measurement moves what is known: half of the way, so an outlier fades."""


class Times(NamedTuple):
    """One test, in seconds: its own set-up, its call, its teardown, and CPU time over all three.

    CPU time is that of the worker and of the children that it waited for. A tuple, because a suite
    may have very many tests.
    """

    setup_s: float
    call_s: float
    teardown_s: float
    cpu_s: float

    @property
    def total_s(self) -> float:
        """Wall seconds."""
        return self.setup_s + self.call_s + self.teardown_s

    def moved_to(self, new: Times) -> Times:
        """Half-way between what was known and ``new``."""
        return Times(*map(_between, self, new))


class Fixture(NamedTuple):
    """A fixture of class, module, package or session scope.

    ``node`` is the node id of the class, module or package that it was set up for.
    """

    scope: str
    node: str
    name: str


class Selection(NamedTuple):
    """What a run was asked to run.

    ``path`` is a file or folder, relative to the rootdir with "/" between, "" being the rootdir;
    ``marks`` is the expression of ``-m``, "" where there was none.
    """

    path: str
    marks: str

    def covers(self, other: Selection) -> bool:
        """Whether the tests of ``other`` are among those of this one."""
        return self.marks in ("", other.marks) and is_under(other.path, self.path)


class Startup(NamedTuple):
    """What a run needs before and beside its tests, measured in a run of one selection.

    ``launch_s``: the controller's wall seconds to start a worker, one after another.
    ``ready_cpu_s``: a worker's CPU seconds until it begins to collect; ``collect_cpu_s``: to
    collect the selection. ``report_cpu_s``: the controller's CPU seconds for each test that runs.
    ``waiting_share``, 0 to 1: how much of their time tests waited for other things than cores; None
    while it was only measured where cores were busy, as then that can't be told.
    """

    launch_s: float
    ready_cpu_s: float
    collect_cpu_s: float
    report_cpu_s: float
    waiting_share: float | None

    def moved_to(self, new: Startup) -> Startup:
        """Half-way between what was known and ``new``."""
        launch_s, ready_s, collect_s, report_s = map(_between, self[:4], new[:4])
        if self.waiting_share is None or new.waiting_share is None:
            told = self if new.waiting_share is None else new
            waiting_share = told.waiting_share
        else:
            waiting_share = _between(self.waiting_share, new.waiting_share)
        return Startup(launch_s, ready_s, collect_s, report_s, waiting_share)


@dataclass(slots=True)
class History:
    """What is known by node id (durations, and demands but plain ones), by fixture, by selection.

    A selection that is known was once run to its end, so the durations of its tests are known.
    ``gone`` are tests that the latest such run did not find; they may come back.
    """

    tests: dict[str, Times] = field(default_factory=dict)
    fixtures_s: dict[Fixture, float] = field(default_factory=dict)
    demands: dict[str, Demand] = field(default_factory=dict)
    startups: dict[Selection, Startup] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def learn(self, tests: Mapping[str, Times], fixtures_s: Mapping[Fixture, float]) -> None:
        """Take in what a run measured. Nothing is dropped."""
        for node_id, new in tests.items():
            known = self.tests.get(node_id)
            self.tests[node_id] = new if known is None else known.moved_to(new)
        for fixture, new_s in fixtures_s.items():
            known_s = self.fixtures_s.get(fixture)
            self.fixtures_s[fixture] = new_s if known_s is None else _between(known_s, new_s)

    def learn_demands(self, demands: Iterable[tuple[str, Demand]]) -> None:
        """Take in what the marks of the tests of a run ask for."""
        plain = Demand()
        for node_id, demand in demands:
            self.gone.discard(node_id)
            if demand != plain:
                self.demands[node_id] = demand
            else:
                self.demands.pop(node_id, None)

    def learn_startup(self, selection: Selection, new: Startup, node_ids: Container[str]) -> None:
        """Take in a run of all tests of ``selection``, which were ``node_ids``.

        One entry is kept for all that is within a selection, so that there are few.
        """
        if not selection.marks:
            self.gone.update(
                node_id
                for node_id in self.tests
                if node_id not in node_ids and is_under(node_id, selection.path)
            )
        known = self.startups.get(selection)
        if known is None and any(wider.covers(selection) for wider in self.startups):
            return
        self.startups = {s: old for s, old in self.startups.items() if not selection.covers(s)}
        self.startups[selection] = new if known is None else known.moved_to(new)

    def present(self) -> list[str]:
        """The tests that are not gone."""
        return [node_id for node_id in self.tests if node_id not in self.gone]

    def startup_of(self, selection: Selection) -> tuple[Selection, Startup] | None:
        """The entry for the narrowest selection known to cover ``selection``."""
        wider = [known for known in self.startups if known.covers(selection)]
        narrowest = max(wider, key=lambda known: (len(known.path), known.marks), default=None)
        return None if narrowest is None else (narrowest, self.startups[narrowest])


def is_under(node_id: str, path: str) -> bool:
    """Whether ``node_id`` is that of ``path``, or of something in it."""
    return node_id == path or not path or node_id.startswith((f"{path}/", f"{path}::", f"{path}["))


def split_node_ids(node_ids: Iterable[str]) -> dict[str, list[str]]:
    """Node ids by their file, in order; what follows the file may hold any character."""
    by_file: dict[str, list[str]] = {}
    for node_id in node_ids:
        by_file.setdefault(node_id.partition("::")[0], []).append(node_id)
    return by_file


def _between(known_s: float, new_s: float) -> float:
    return known_s + NEW_SHARE * (new_s - known_s)
