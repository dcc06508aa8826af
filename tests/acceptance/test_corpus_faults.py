"""The planted faults are real: each shows under its condition, and its mark mends it."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from corpus import KINDS, Fault, faults, read
from running import Ran, as_one_suite, copied, in_one_suite, mended, run
from staging import Stage

FAULTS = faults()
ATTEMPTS = {"hash seed": 12, "timing": 5}
"""How often a flaky test is run until it passes, or fails, as is wanted. Under twelve seeds, one
order of two words comes up alone in one of 2,048 versions of Python."""
OVERLAPS = 5
"""How often two tests begin together until that hurts."""
IN_VAIN_S = 0.3
"""How long a test waits for one that its mark keeps away."""

CONFLICTS = [fault for fault in FAULTS if fault.kind == "conflict"]
OTHERS = [fault.name for fault in FAULTS if fault.kind != "conflict"]
SEVERAL = [fault.name for fault in FAULTS if fault.kind == "order" and len(fault.culprits) > 1]
"""Those of order that one culprit is not enough for."""

each_fault = pytest.mark.parametrize("name", [fault.name for fault in FAULTS])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the corpus, whose suites run one by one."""
    return copied(tmp_path_factory.mktemp("one-by-one"))


@pytest.fixture(scope="module")
def one_suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy whose suites run as one."""
    home = copied(tmp_path_factory.mktemp("as-one"))
    as_one_suite(home)
    return home


@pytest.fixture
def variables(free_port: int) -> dict[str, str]:
    """A port for the fault that has a fixed one, so that this machine may run others."""
    return {"ECHO_PORT": str(free_port)}


def tried(fault: Fault, stage: Stage, variables: dict[str, str], *, failing: bool) -> Ran:
    """The first run with failures, or without, as wanted; or the last that there may be.

    One where others than victims fail is never repeated.
    """
    for attempt in range(ATTEMPTS.get(fault.condition, 1)):
        ran = run(fault.folder, stage, variables={**variables, "PYTHONHASHSEED": str(attempt)})
        if bool(ran.failed) == failing or not ran.failed <= set(fault.victims):
            break
    return ran


def test_there_are_enough_of_every_kind() -> None:
    """At least 24, and two of each."""
    assert len(FAULTS) >= 24
    kinds = [fault.kind for fault in FAULTS]
    assert all(kinds.count(kind) >= 2 for kind in KINDS)


@each_fault
def test_the_suite_is_green_as_collected(name: str, home: Path, variables: dict[str, str]) -> None:
    """In one process, with 10 to 30 innocent tests in two to four modules."""
    fault = read(home / name)
    # A flaky test passes at other moments, and under some seed.
    safe_s = (fault.moment_s + 0.5) % 1.0
    stage = Stage(moments_s=dict.fromkeys(fault.victims, safe_s) if fault.moment_s else {})
    ran = tried(fault, stage, variables, failing=False)
    assert not ran.failed, ran.output
    assert set(fault.guilty) <= set(ran.began)
    assert 10 <= len(set(ran.began) - set(fault.guilty)) <= 30
    assert 2 <= len({node_id.partition("::")[0] for node_id in ran.began}) <= 4


@pytest.mark.parametrize("name", OTHERS)
def test_under_its_condition_the_victims_fail_and_nobody_else(name: str, home: Path) -> None:
    """And where something is left behind, it is."""
    fault = read(home / name)
    moments_s = dict.fromkeys(fault.victims, fault.moment_s) if fault.moment_s else {}
    stage = Stage(first=fault.show, rest="none", moments_s=moments_s, probe=fault.probe)
    ran = tried(fault, stage, {}, failing=bool(fault.victims))
    assert ran.failed == set(fault.victims), ran.output
    assert ran.left == (fault.kind == "leak")


@each_fault
def test_without_the_culprits_all_pass_in_reverse(
    name: str, home: Path, variables: dict[str, str]
) -> None:
    """Or with them before it, for a test that needs them; nothing is left behind."""
    fault = read(home / name)
    ran = run(fault.folder, mended(fault), variables=variables)
    assert not ran.failed, ran.output
    assert not ran.left


@pytest.mark.parametrize("name", SEVERAL)
def test_where_it_takes_several_one_less_hurts_nobody(name: str, home: Path) -> None:
    """Whichever of the culprits is left out."""
    fault = read(home / name)
    for culprit in fault.culprits:
        shown = tuple(node_id for node_id in fault.show if node_id != culprit)
        ran = run(fault.folder, Stage(first=shown, rest="none"))
        assert not ran.failed, ran.output


def test_the_innocent_pass_on_two_workers(one_suite: Path) -> None:
    """All suites at once, which keeps both workers busy with what could meet."""
    guilty = [n for fault in FAULTS for n in in_one_suite(fault, fault.guilty)]
    ran = run(one_suite, Stage(without=tuple(guilty)), "-n2", "--dist=worksteal")
    assert not ran.failed, ran.output
    assert len(ran.began) >= 10 * len(FAULTS)


def pairs(shown: list[Fault]) -> tuple[tuple[str, str], ...]:
    """The two tests of each fault, as they are in one suite."""
    found = (in_one_suite(fault, fault.show) for fault in shown)
    return tuple((one, other) for one, other in found)


def overlapped(ran: Ran, pair: tuple[str, str]) -> bool:
    one, other = pair
    return ran.spans[one].overlaps(ran.spans[other])


def test_victims_fail_where_they_overlap(one_suite: Path, variables: dict[str, str]) -> None:
    """Two tests that begin together on two workers; a culprit that is no victim passes."""
    unshown = CONFLICTS
    for _ in range(OVERLAPS):
        stage = Stage(meet=pairs(unshown), split=True)
        ran = run(one_suite, stage, "-n2", "--dist=each", variables=variables)
        victims = {n for fault in unshown for n in in_one_suite(fault, fault.victims)}
        assert ran.failed <= victims, ran.output
        unshown = [
            fault
            for fault, pair in zip(unshown, pairs(unshown), strict=True)
            if not (ran.failed & set(pair) and overlapped(ran, pair))
        ]
        if not unshown:
            break
    assert not unshown


def test_with_their_marks_they_pass_and_never_overlap(
    one_suite: Path, variables: dict[str, str]
) -> None:
    """Although each waits a while for the other one to begin."""
    marks = {n: fault.mark for fault in CONFLICTS for n in in_one_suite(fault, fault.show)}
    stage = Stage(
        first=tuple(itertools.chain.from_iterable(pairs(CONFLICTS))),
        rest="none",
        marks=marks,
        meet=pairs(CONFLICTS),
        meet_limit_s=IN_VAIN_S,
    )
    ran = run(one_suite, stage, "-n2", "--dist=markersteal", variables=variables)
    assert not ran.failed, ran.output
    assert ran.spans.keys() == marks.keys()
    assert not [pair for pair in pairs(CONFLICTS) if overlapped(ran, pair)]
