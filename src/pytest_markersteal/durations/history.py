"""What is known of earlier runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.durations.buckets import bucket_of, seconds_of

PLAIN = Demand()


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

    def scaled_to(self, total_s: float) -> Times:
        """A test that takes ``total_s`` and divides its time as this one does."""
        if not self.total_s:
            return Times(0.0, total_s, 0.0, total_s)
        ratio = total_s / self.total_s
        return Times(*(value * ratio for value in self))


class Buckets(NamedTuple):
    """``Times`` as buckets, see ``durations.buckets``."""

    setup: int
    call: int
    teardown: int
    cpu: int

    @classmethod
    def of(cls, times: Times) -> Buckets:
        """The nearest buckets."""
        return cls(*map(bucket_of, times))

    def times(self) -> Times:
        """The durations that they stand for."""
        return Times(*map(seconds_of, self))


@dataclass(frozen=True, slots=True)
class Function:
    """The tests of one test function, which differ in their parameters.

    ``shared`` holds for each of the ``tests``, but of those in ``own`` it only tells how their
    time is divided: there is the bucket of the whole. ``own``, ``demands`` and the mappings in
    ``platforms`` are by what follows the name of the function in the node id: "" for a function
    without parameters. A test that is not in ``demands`` demands what "" does, or nothing.
    ``platforms``: buckets of tests that take much longer or shorter on some platform.
    """

    shared: Buckets
    tests: int = 1
    own: Mapping[str, int] = field(default_factory=dict)
    demands: Mapping[str, Demand] = field(default_factory=dict)
    platforms: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def times(self, parameters: str, platform: str = "") -> Times:
        """What is known of the test with these parameters."""
        bucket = self.own.get(parameters)
        if self.platforms:
            bucket = self.platforms.get(platform, {}).get(parameters, bucket)
        shared = self.shared.times()
        return shared if bucket is None else shared.scaled_to(seconds_of(bucket))

    def demand(self, parameters: str) -> Demand:
        """What the marks of the test with these parameters ask for."""
        if not self.demands:
            return PLAIN
        return self.demands.get(parameters, self.demands.get("", PLAIN))


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


@dataclass(frozen=True, slots=True)
class History:
    """What earlier runs taught, by function, by fixture and by selection. It never changes.

    ``platform`` is the one on which it began: on others, only what is much slower or faster there
    is added. ``written`` is the day of the last change, "2026-11-22", "" before the first.
    A selection that is in ``startups`` was once run to its end, so its tests are known.
    """

    functions: Mapping[str, Function] = field(default_factory=dict)
    fixtures: Mapping[Fixture, int] = field(default_factory=dict)
    startups: Mapping[Selection, Startup] = field(default_factory=dict)
    platform: str = ""
    written: str = ""

    def times(self, node_id: str, platform: str = "") -> Times | None:
        """What is known of a test; None if nothing is, not even of its function."""
        name, parameters = split(node_id)
        function = self.functions.get(name)
        return None if function is None else function.times(parameters, platform)

    def demand(self, node_id: str) -> Demand:
        """What the marks of a test asked for when it ran last."""
        name, parameters = split(node_id)
        function = self.functions.get(name)
        return PLAIN if function is None else function.demand(parameters)

    @property
    def fixtures_s(self) -> dict[Fixture, float]:
        """Seconds to set up each fixture."""
        return {fixture: seconds_of(bucket) for fixture, bucket in self.fixtures.items()}

    def node_ids(self) -> Iterator[str]:
        """As many node ids as there are tests known, by function.

        Parameters of tests that share all that is known of their function are not kept: such a
        node id has a number in their place, "a.py::test_add[<2>]".
        """
        for name, function in self.functions.items():
            named = {**function.own, **function.demands}
            named.pop("", None)
            yield from (name + parameters for parameters in named)
            sharing = function.tests - len(named)
            if sharing == 1 and not named:
                yield name
            else:
                yield from (f"{name}[<{number}>]" for number in range(1, sharing + 1))

    def startup_of(self, selection: Selection) -> tuple[Selection, Startup] | None:
        """The entry for the narrowest selection known to cover ``selection``."""
        wider = [known for known in self.startups if known.covers(selection)]
        narrowest = max(wider, key=lambda known: (len(known.path), known.marks), default=None)
        return None if narrowest is None else (narrowest, self.startups[narrowest])


def split(node_id: str) -> tuple[str, str]:
    """The function that a node id names, and the parameters with their brackets, or ""."""
    file, colons, rest = node_id.partition("::")
    name, bracket, parameters = rest.partition("[")
    return file + colons + name, bracket + parameters


def is_under(node_id: str, path: str) -> bool:
    """Whether ``node_id`` is that of ``path``, or of something in it."""
    return node_id == path or not path or node_id.startswith((f"{path}/", f"{path}::", f"{path}["))


def by_file(names: Iterable[str]) -> dict[str, list[str]]:
    """Names of functions, and of what else has a node id, by their file, in order."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.partition("::")[0], []).append(name)
    return found
