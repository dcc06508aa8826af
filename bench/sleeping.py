"""Writes workloads of the simulator as real suites, whose tests and fixtures sleep.

They are the generated ones, and the recorded ones of bench/workloads under names of their own: a
test with parameters becomes several plain ones there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import recording
from benched import Benched
from environments import HERE

from pytest_markersteal.core.suite import Claim, Demand, Mode
from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.generated import GENERATORS
from pytest_markersteal.simulate.workloads import PLAIN, Workload, workload_of

MOST_TESTS = 800
"""Of more, every k-th is kept: tests cost processor time too, and this is about waiting."""
_SLOWEST = 20
"""How many tests are listed for xdist-scheduling-exclusive."""
_REFERENCE_WORKERS = 4
_SEED = 1
_RECORDED = {path.stem: path for path in sorted((HERE / "workloads").glob("*.msgpack"))}

NAMES = (*GENERATORS, *_RECORDED)
"""What there is to write."""

INI = """[pytest]
markers =
    serial: a mark of pytest-markersteal
    no_parallel: a mark of pytest-markersteal
    shared_resource: a mark of pytest-markersteal
    xdist_group: a mark of pytest-xdist
"""
_MODULE_FIXTURE = """
@pytest.fixture(scope="module", autouse=True)
def shared_by_module():
    time.sleep({seconds!r})
"""
_CLASS = """

class {name}:
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def shared_by_class(cls):
        time.sleep({seconds!r})
"""


@dataclass(frozen=True, kw_only=True)
class Sleeping(Benched):
    """A workload as files."""

    workload: Workload
    scale: float
    """How long a second of the workload is, in seconds."""

    @property
    def has_marks(self) -> bool:
        """Whether any test is marked."""
        return any(demand != PLAIN for demand in self.workload.suite.demands)


def write(name: str, folder: Path, floor_s: float, most_tests: int = MOST_TESTS) -> Sleeping:
    """The workload ``name`` in ``folder``, scaled so that its floor at ``-n 4`` is ``floor_s``."""
    whole = _whole(name)
    drafted = _thinned(whole, 1.0, most_tests)
    scale = floor_s / drafted.floor(_REFERENCE_WORKERS).total_s
    workload = _thinned(whole, scale, most_tests)
    write_workload(workload, folder)
    return Sleeping(name, folder, len(workload.ids), workload=workload, scale=scale)


def write_workload(workload: Workload, folder: Path) -> None:
    """Any workload whose node ids name plain tests in files, as it is."""
    by_file: dict[str, list[int]] = defaultdict(list)
    for test, node_id in enumerate(workload.ids):
        by_file[node_id.partition("::")[0]].append(test)
    for file, tests in by_file.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_module(workload, tests))
    capacities = "".join(f"    {key} = {n}\n" for key, n in workload.suite.capacities.items())
    resources = f"markersteal_resources =\n{capacities}" if capacities else ""
    (folder / "pytest.ini").write_text(INI + resources)
    _list_slowest(workload, folder)


def _whole(name: str) -> Workload:
    if name in GENERATORS:
        return GENERATORS[name](_SEED)
    workload = recording.load(_RECORDED[name]).workload(name)
    return replace(workload, ids=[_plain_id(workload, test) for test in range(len(workload.ids))])


def _plain_id(workload: Workload, test: int) -> str:
    """A node id without parameters, and without folders that are someone else's."""
    suite = workload.suite
    in_class = "::" in workload.ids[test].partition("[")[0].partition("::")[2]
    holder = f"Test{suite.class_of[test]}::" if in_class else ""
    return f"tests/test_{suite.module_of[test]:03}.py::{holder}test_{test:05}"


def _thinned(workload: Workload, scale: float, most_tests: int) -> Workload:
    """A part of ``workload`` with scaled seconds: every k-th module, from the last one.

    With marks every k-th test, so that every kind of mark remains.
    """
    suite = workload.suite
    step = -(-len(suite) // most_tests)
    place_of = range(len(suite)) if len(suite.demands) > 1 else suite.module_of
    last = max(place_of)
    kept = [test for test in range(len(suite)) if (last - place_of[test]) % step == 0]
    fixtures_s: dict[Fixture, float] = {}
    for test in kept:
        holder = workload.ids[test].rpartition("::")[0]
        module = holder.partition("::")[0]
        for scope, place, node in (
            ("module", suite.module_of[test], module),
            ("class", suite.class_of[test], holder),
        ):
            if (scope, place) in workload.setups_s and (scope, node) != ("class", module):
                fixtures_s[Fixture(scope, node, "shared")] = scale * workload.setups_s[scope, place]
    return workload_of(
        workload.name,
        {workload.ids[test]: scale * workload.duration_s[test] for test in kept},
        fixtures_s,
        {workload.ids[test]: suite.demand(test) for test in kept},
        suite.capacities,
    )


def _module(workload: Workload, tests: list[int]) -> str:
    suite = workload.suite
    text = "import time\n\nimport pytest\n\nfrom pausing import pause\n"
    setup_s = workload.setups_s.get(("module", suite.module_of[tests[0]]))
    if setup_s is not None:
        text += _MODULE_FIXTURE.format(seconds=setup_s)
    entered = ""
    # Functions first, then class by class, so that no class is begun twice.
    holders = dict.fromkeys(["", *(_holder(workload.ids[test]) for test in tests)])
    order = {holder: number for number, holder in enumerate(holders)}
    for test in sorted(tests, key=lambda test: order[_holder(workload.ids[test])]):
        holder, _, name = workload.ids[test].partition("::")[2].rpartition("::")
        if holder and holder != entered:
            seconds = workload.setups_s.get(("class", suite.class_of[test]), 0.0)
            text += _CLASS.format(name=holder, seconds=seconds)
        entered = holder
        indent, argument = ("    ", "self") if holder else ("", "")
        marks = "".join(f"{indent}@pytest.mark.{mark}\n" for mark in _marks(suite.demand(test)))
        body = f"pause({test}, {workload.duration_s[test]!r})"
        text += f"\n{marks}{indent}def {name}({argument}):\n{indent}    {body}\n"
    return text


def _holder(node_id: str) -> str:
    """The class of a test, or nothing."""
    return node_id.partition("::")[2].rpartition("::")[0]


def _marks(demand: Demand) -> list[str]:
    marks = [f"shared_resource({_arguments(claim)})" for claim in demand.claims]
    marks += ["serial"] * demand.serial + ["no_parallel"] * demand.exclusive
    return marks if demand.group is None else [*marks, f"xdist_group({demand.group!r})"]


def _arguments(claim: Claim) -> str:
    if claim.mode is Mode.READ:
        return f"{claim.key!r}, mode='read'"
    return repr(claim.key) + (f", units={claim.units}" if claim.units > 1 else "")


def _list_slowest(workload: Workload, folder: Path) -> None:
    path = folder / "tests" / "resources" / "exclusive_tests.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    order = sorted(range(len(workload.ids)), key=lambda test: -workload.duration_s[test])
    path.write_text("\n".join(workload.ids[test] for test in order[:_SLOWEST]) + "\n")
