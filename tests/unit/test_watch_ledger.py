"""Who touched what and who left what: tests, and fixtures of wider scope."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

import pytest

from pytest_markersteal.races.watch.audit import Tap
from pytest_markersteal.races.watch.footprint import (
    CREATED,
    FILE,
    Footprint,
    Held,
    Released,
    left_of,
    touches_of,
)
from pytest_markersteal.races.watch.ledger import Ledger
from pytest_markersteal.races.watch.noise import Noise
from pytest_markersteal.races.watch.state import ABSENT, Change, State


class Values:
    """An aspect that a test can change."""

    def __init__(self):
        self.now = {}
        self.adds = {}
        self._known = {}

    def changes(self):
        names = dict.fromkeys([*self._known, *self.now])
        found = [
            Change(
                "value",
                name,
                self._known.get(name, ABSENT),
                self.now.get(name, ABSENT),
                adds=name in self.adds,
                is_doubtful=name.startswith("cache"),
            )
            for name in names
            if self._known.get(name, ABSENT) is not self.now.get(name, ABSENT)
        ]
        self._known = dict(self.now)
        return found


@pytest.fixture
def values():
    return Values()


@pytest.fixture
def tap():
    """It hears of nothing but what it is told here."""
    return Tap(Noise(Path("/project")), itertools.count(0.0).__next__, lambda port: False)


@pytest.fixture
def ledger(tap, values):
    return Ledger(tap, State([values]), itertools.count(0.0).__next__)


def left(record):
    return [one.name for one in left_of(record)]


def touched(record):
    return [(one.kind, one.name) for one in touches_of(record)]


def touch(tap, name):
    tap._touch(FILE, name, CREATED)


def test_a_test_that_does_nothing_is_not_told(ledger):
    """There are many of them."""
    ledger.begin("a")
    ledger.end()
    assert ledger.take() == []


def test_a_test_with_what_it_touched_and_left(ledger, tap, values):
    """What it has undone itself is not left."""
    ledger.begin("a")
    touch(tap, "x")
    values.now["one"] = 1
    ledger.end()
    (record,) = ledger.take()
    assert isinstance(record, Footprint)
    assert (record.test, touched(record), left(record)) == ("a", [(FILE, "x")], ["one"])
    ledger.begin("b")
    touch(tap, "x")
    ledger.end()
    assert left(ledger.take()[0]) == []


def test_what_a_fixture_of_a_module_changes_is_its_own(ledger, tap, values):
    """It is no leak of the tests, and none at all if it is undone at its end."""
    ledger.begin("a")
    fixture = ledger.enter("module", "test_a.py", "server")
    touch(tap, "server.log")
    values.now["one"] = 1
    ledger.leave(fixture)
    touch(tap, "x")
    ledger.end()
    held, footprint = ledger.take()
    assert isinstance(held, Held)
    assert (held.test, held.name, touched(held)) == ("a", "server", [(FILE, "server.log")])
    assert (touched(footprint), left(footprint)) == ([(FILE, "x")], [])
    ledger.begin("b")
    ledger.begin_release(fixture)
    touch(tap, "server.pid")
    del values.now["one"]
    ledger.end_release(fixture)
    ledger.end()
    (released,) = ledger.take()
    assert isinstance(released, Released)
    assert (released.holder, touched(released)) == (held.holder, [(FILE, "server.pid")])
    assert left(released) == []


@pytest.mark.parametrize(("is_foreign", "found"), [(False, ["one"]), (True, [])])
def test_what_a_fixture_leaves_is_told_at_its_end(ledger, values, is_foreign, found):
    """Unless it is a plugin's."""
    ledger.begin("a")
    fixture = ledger.enter("session", "", "db", is_foreign=is_foreign)
    values.now["one"] = 1
    ledger.leave(fixture)
    ledger.end()
    assert ledger.take() == []
    ledger.begin_release(fixture)  # As a parked worker does, after all tests.
    ledger.end_release(fixture)
    assert [name for record in ledger.take()[1:] for name in left(record)] == found


def test_a_test_that_changes_what_a_fixture_has_set(ledger, values):
    """That is a leak of the test, and the fixture is not blamed for its undoing."""
    ledger.begin("a")
    fixture = ledger.enter("module", "test_a.py", "server")
    values.now["one"] = 1
    ledger.leave(fixture)
    values.now["one"] = 2
    ledger.begin_release(fixture)
    del values.now["one"]
    ledger.end_release(fixture)
    ledger.end()
    records = ledger.take()
    assert [(type(one), left(one)) for one in records] == [(Footprint, ["one"])]


def test_a_fixture_asked_for_by_another_is_apart_from_it(ledger, tap):
    """What happens in the inner set-up is the inner one's."""
    ledger.begin("a")
    outer = ledger.enter("module", "test_a.py", "outer")
    touch(tap, "before")
    inner = ledger.enter("session", "", "inner")
    touch(tap, "within")
    ledger.leave(inner)
    touch(tap, "after")
    ledger.leave(outer)
    ledger.end()
    by_name = {record.name: touched(record) for record in ledger.take()}
    assert by_name == {
        "inner": [(FILE, "within")],
        "outer": [(FILE, "before"), (FILE, "after")],
    }


def test_a_thread_that_ends_in_a_moment_is_not_left(ledger, values):
    """Nor is it waited for any longer than that."""
    thread = threading.Thread(target=lambda: None)
    stays = threading.Event()
    other = threading.Thread(target=stays.wait, daemon=True)
    other.start()
    values.adds = {"brief": 1, "lasting": 1}
    ledger.begin("a")
    thread.start()
    values.now |= {"brief": thread, "lasting": other}
    ledger.end()
    stays.set()
    assert left(ledger.take()[0]) == ["lasting"]


def test_a_thread_may_be_a_fixture_s(ledger, values):
    """While one is there it is not known; once all are gone, it is the test's that it came with."""
    stays = threading.Event()
    thread = threading.Thread(target=stays.wait, daemon=True)
    thread.start()
    values.adds = {"thread": 1}
    ledger.begin("a")
    fixture = ledger.enter("module", "test_a.py", "server")
    ledger.leave(fixture)
    values.now["thread"] = thread
    ledger.end()
    assert ledger.take() == []
    ledger.begin("b")
    ledger.begin_release(fixture)
    ledger.end_release(fixture)
    ledger.end()
    stays.set()
    (record,) = ledger.take()
    assert (record.test, left(record)) == ("a", ["thread"])


@pytest.mark.parametrize("is_patched", [False, True])
def test_a_cache_that_is_filled_while_something_is_patched(ledger, values, is_patched):
    """It keeps what holds no more; otherwise it is doubtful."""
    ledger.begin("a")
    values.now["cache"] = 1
    ledger.note_fill((), is_patched=is_patched)
    ledger.end()
    (one,) = left_of(ledger.take()[0])
    assert one.is_doubtful is not is_patched


@pytest.mark.parametrize("fixtures", [[], ["settings"]])
def test_a_cache_that_is_filled_while_a_fixture_has_something_patched(ledger, values, fixtures):
    """It holds what the fixture made of it, if the test asked for that."""
    ledger.begin("a")
    fixture = ledger.enter("module", "test_a.py", "settings")
    values.now["one"] = 1
    ledger.leave(fixture)
    values.now["cache"] = 1
    ledger.note_fill(fixtures, is_patched=False)
    ledger.end()
    (one,) = left_of(ledger.take()[0])
    assert one.is_doubtful is not bool(fixtures)
