"""Checks of what a crash isolated: what is told of them, and when."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pluggy
import pytest

from pytest_markersteal import hookspecs
from pytest_markersteal.core.quarantine import Instance
from pytest_markersteal.distribution.checking import Checking, CheckResult, Finding

ALICE, BOB = Instance("account", 0), Instance("account", 1)
CRASH = "gw1 died in test_it.py::test_pay"
PATIENCE_S = 60


class Tracing:
    """What would go into the trace."""

    def __init__(self) -> None:
        self.isolations: list[tuple[object, ...]] = []

    def isolation(self, instance: Instance, *, isolated: bool, finding: str | None) -> None:
        self.isolations.append((instance, isolated, finding))


class Told:
    """A run with a check, and what the check told."""

    def __init__(self, check: Callable[..., object] | None, deadline_s: float = 3600.0) -> None:
        manager = pluggy.PluginManager("pytest")
        manager.add_hookspecs(hookspecs)
        if check is not None:
            hook = pluggy.HookimplMarker("pytest")(check)
            manager.register(SimpleNamespace(pytest_markersteal_check_resource=hook))
        inis: dict[str, Any] = {
            "markersteal_resources": ["account = alice, bob", "pg = 3"],
            "markersteal_check_deadline_s": str(deadline_s),
        }
        config: Any = SimpleNamespace(hook=manager.hook, getini=inis.__getitem__)
        self.tracing: Any = Tracing()
        self._told: queue.Queue[CheckResult] = queue.Queue()
        self.checking = Checking(config, self.tracing, self._told.put)

    def next(self) -> CheckResult:
        return self._told.get(timeout=PATIENCE_S)

    def nothing(self) -> bool:
        return self._told.empty()


def fails(**_: object) -> bool:
    raise OSError("no such account")


def fails_as_a_test_would(**_: object) -> bool:
    pytest.fail("it is locked")


@pytest.mark.parametrize(
    ("check", "finding", "healthy", "why"),
    [
        (lambda: True, Finding.HEALTHY, True, None),
        (lambda: False, Finding.UNHEALTHY, False, "HOOK found it unhealthy"),
        (lambda: None, Finding.UNKNOWN, None, "no HOOK knows how it is"),
        (lambda: fails(), Finding.FAILED, False, "HOOK raised OSError: no such account"),
        (
            lambda: fails_as_a_test_would(),
            Finding.FAILED,
            False,
            "HOOK raised Failed: it is locked",
        ),
    ],
)
def test_each_answer_is_told(
    check: Callable[..., object], finding: Finding, healthy: bool | None, why: str | None
) -> None:
    """As the core is told it, and, unless the instance is back, in the summary."""
    told = Told(check)
    told.checking.look(frozenset([BOB]), CRASH)
    checked = told.next()
    assert (checked.instance, checked.finding) == (BOB, finding)
    assert checked.finding.healthy is healthy
    assert told.checking.lines() == []
    told.checking.checked(checked, is_back=bool(healthy))
    why = why and why.replace("HOOK", "pytest_markersteal_check_resource")
    wanted = [f"'account' 'bob' was kept from tests since {CRASH}: {why}"] if why else []
    assert told.checking.lines() == wanted
    assert told.tracing.isolations == [
        (BOB, True, None),
        (BOB, not healthy, finding.value),
    ]


@pytest.fixture
def endless() -> Iterator[threading.Event]:
    """What a check waits for that never ends by itself."""
    event = threading.Event()
    yield event
    event.set()


def test_a_check_that_never_ends_is_told_once(endless: threading.Event) -> None:
    """When it is too late; what it says afterwards does not count."""
    ended = threading.Event()

    def check() -> bool:
        endless.wait()
        ended.set()
        return True

    told = Told(check, deadline_s=0.01)
    told.checking.look(frozenset([BOB]), CRASH)
    checked = told.next()
    assert checked.finding is Finding.LATE
    told.checking.checked(checked, is_back=False)
    (line,) = told.checking.lines()
    assert line.endswith("pytest_markersteal_check_resource did not end within 0.01 s")
    endless.set()
    assert ended.wait(PATIENCE_S)
    assert told.nothing()


def test_checks_of_several_do_not_wait_for_each_other(endless: threading.Event) -> None:
    """One that hangs keeps no other from being told."""

    def check(name: str) -> bool:
        return endless.wait() if name == "alice" else True

    told = Told(check)
    told.checking.look(frozenset([ALICE, BOB]), CRASH)
    assert told.next().instance == BOB


def test_the_check_is_told_what_it_is_to_look_at() -> None:
    """Its key, number and name; None for a name where there is none."""
    seen: list[tuple[object, ...]] = []
    told = Told(lambda config, key, instance, name: seen.append((key, instance, name)))
    for instance in (BOB, Instance("pg", 2), Instance("db", 0)):
        told.checking.look(frozenset([instance]), CRASH)
        told.next()
    assert seen == [("account", 1, "bob"), ("pg", 2, None), ("db", 0, None)]


def test_without_a_check_nothing_is_told() -> None:
    """But in the summary, with a number where there is no name, and the key where it is one."""
    told = Told(None)
    assert not told.checking.checks
    told.checking.look(frozenset([Instance("pg", 2), Instance("db", 0)]), CRASH)
    assert [line.partition(" was ")[0] for line in told.checking.lines()] == ["'db'", "'pg' 2"]
    assert told.nothing()


def test_what_is_isolated_again_is_checked_again() -> None:
    """Workers may die with it one after another."""
    told = Told(lambda: True)
    for _ in range(2):
        told.checking.look(frozenset([BOB]), CRASH)
        told.checking.look(frozenset([BOB]), "another one died")  # It is still the same.
        told.checking.checked(told.next(), is_back=True)
    assert told.nothing()
    assert [isolated for _, isolated, _ in told.tracing.isolations] == [True, False] * 2


def test_tests_that_were_given_up_are_counted_by_key() -> None:
    """For the line on tests that were not run."""
    told = Told(None)
    assert told.checking.why_not_run({3: "db", 5: "account", 8: "db"}) == [
        "2 needed more of 'db' than was healthy",
        "1 needed more of 'account' than was healthy",
    ]
