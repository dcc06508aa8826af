"""The state of a process: what has changed in it, and what has only been used."""

from __future__ import annotations

import asyncio
import locale
import logging
import os
import random
import signal
import sys
import threading
import types

import pytest

from pytest_markersteal.races.watch.audit import Tap
from pytest_markersteal.races.watch.interpreter import aspects
from pytest_markersteal.races.watch.noise import Noise
from pytest_markersteal.races.watch.project import Project
from pytest_markersteal.races.watch.state import ABSENT, Change, Made, State, same, words_for
from pytest_markersteal.safety.databases.heartbeat import beating


@pytest.fixture(scope="module")
def tap(tmp_path_factory):
    """One for all tests, as a hook can't be removed."""
    tap = Tap(Noise(tmp_path_factory.mktemp("project")), lambda: 0.0, lambda port: True)
    tap.install()
    yield tap
    tap.close()


@pytest.fixture
def changed(tap):
    """What has changed since it was last asked: names of things."""
    state = State(aspects(tap))
    state.changes()
    return lambda: [change.name for change in state.changes()]


def test_variables(changed, monkeypatch):
    """Set, changed, removed; not those that are set to what they were, nor pytest's own."""
    assert changed() == []
    monkeypatch.setenv("SHOP_MODE", "fast")
    monkeypatch.setenv("PYTEST_SHOP", "noise")
    assert changed() == ["SHOP_MODE"]
    monkeypatch.setenv("SHOP_MODE", "fast")
    assert changed() == []
    monkeypatch.undo()
    assert changed() == ["SHOP_MODE"]


def test_the_whole_environment(changed, monkeypatch):
    """Where somebody puts another object in its place."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    assert changed() == ["os.environ"]


def test_the_working_directory(changed, monkeypatch, tmp_path):
    """A test that comes back has changed nothing."""
    here = os.getcwd()
    monkeypatch.chdir(tmp_path)
    assert changed() == ["working directory"]
    os.chdir(here)
    os.chdir(tmp_path)
    assert changed() == []


def test_where_modules_come_from(changed, monkeypatch):
    """A path, a module that is made up, one that is taken away or blocked; an import is none."""
    monkeypatch.syspath_prepend("/nowhere")
    assert changed() == ["sys.path"]
    monkeypatch.setitem(sys.modules, "made_up", types.ModuleType("made_up"))
    monkeypatch.setitem(sys.modules, "json", None)
    monkeypatch.delitem(sys.modules, "this", raising=False)
    assert changed() == ["json", "made_up"]
    monkeypatch.undo()
    changed()
    monkeypatch.delitem(sys.modules, "antigravity", raising=False)
    import wsgiref  # noqa: F401 - imported for the first time, as far as these tests go

    assert changed() == []


def test_loggers(changed, monkeypatch):
    """Handlers and levels, and whether they are disabled; a new logger alone is no change."""
    logger = logging.getLogger("watched.one")
    logger.addHandler(logging.NullHandler())
    assert changed() == []
    monkeypatch.setattr(logger, "handlers", [logging.StreamHandler()])
    monkeypatch.setattr(logger, "level", logging.DEBUG)
    monkeypatch.setattr(logger, "disabled", True)
    assert changed() == ["watched.one"] * 3
    monkeypatch.undo()
    assert changed() == ["watched.one"] * 3


def test_random_numbers_may_be_drawn(changed):
    """Few or many; a seed, or a state that is put back to another one, is a change."""
    state = random.getstate()
    random.random()
    assert changed() == []
    for _ in range(5_000):
        random.random()
    assert changed() == []
    random.seed(7)
    assert changed() == ["random seed"]
    random.setstate(state)
    assert changed() == ["random seed"]


def test_signal_handlers(changed):
    """Of those signals that tests have to do with."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        assert changed() == ["handler of SIGTERM"]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_the_locale(changed):
    """Of any category."""
    before = locale.setlocale(locale.LC_NUMERIC)
    other = "C" if before != "C" else "C.UTF-8"
    try:
        locale.setlocale(locale.LC_NUMERIC, other)
        assert changed() == ["locale"]
    finally:
        locale.setlocale(locale.LC_NUMERIC, before)


def test_signs_of_life_of_databases_are_nobody_s(changed):
    """The first test that asks for a database only begins them."""
    with beating(lambda: None):
        assert changed() == []


def test_threads_come_and_go(changed):
    """Each is a change."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name="worker-of-a-test")
    thread.start()
    assert changed() == ["worker-of-a-test"]
    end.set()
    thread.join()
    assert changed() == ["worker-of-a-test"]


def test_event_loops(changed):
    """One that is open, until it is closed."""
    loop = asyncio.new_event_loop()
    (name,) = changed()
    assert name.endswith("EventLoop")
    loop.close()
    assert changed() == [name]
    asyncio.run(asyncio.sleep(0))
    assert changed() == []


APPLICATION = """
import functools, random
from time import sleep

class Settings:
    debug = False
    modes = ["a"]
    def __init__(self): self.currency = "EUR"; self.rates = {"EUR": 1.0}
    @functools.cached_property
    def slow(self): return 1

settings = Settings()
connection = None
REGISTRY = {"one": len}
NAMES = ["x"]
_memo = {}

@functools.lru_cache
def rate(name): return settings.rates[name]
"""


@pytest.fixture
def app(monkeypatch):
    """A module of a project."""
    module = types.ModuleType("watched_app")
    monkeypatch.setitem(sys.modules, "watched_app", module)
    exec(APPLICATION, vars(module))
    return module


@pytest.fixture
def project(app):
    return Project(lambda module: module is app)


def names(project):
    return {change.name.removeprefix("watched_app."): change for change in project.changes()}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda app: setattr(app, "sleep", len), "sleep"),
        (lambda app: setattr(app, "extra", 1), "extra"),
        (lambda app: delattr(app, "NAMES"), "NAMES"),
        (lambda app: setattr(app.Settings, "debug", True), "Settings.debug"),
        (lambda app: app.Settings.modes.append("b"), "Settings.modes"),
        (lambda app: setattr(app.settings, "currency", "USD"), "settings.currency"),
        (lambda app: app.settings.rates.update(EUR=2.0), "settings.rates"),
        (lambda app: app.REGISTRY.pop("one"), "REGISTRY"),
        (lambda app: app.NAMES.__setitem__(0, "y"), "NAMES"),
        (lambda app: setattr(app.random, "choice", len), "random.choice"),
    ],
)
def test_what_a_project_holds(app, project, change, name, monkeypatch):
    """Attributes of modules, classes and their objects, and what is in containers."""
    monkeypatch.setattr(app.random, "choice", app.random.choice)  # It is undone at the end.
    assert names(project) == {}
    assert not project.is_patched()
    change(app)
    assert project.is_patched()
    found = names(project)
    assert list(found) == [name]
    assert not found[name].is_doubtful
    assert names(project) == {}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda app: setattr(app, "connection", object()), "connection"),
        (lambda app: app._memo.update(a=1), "_memo"),
        (lambda app: app.rate("EUR"), "rate"),
        (lambda app: app.settings.slow, "settings.slow"),
    ],
)
def test_what_is_filled_as_it_is_used(app, project, change, name):
    """It is told, as something that need not be a fault; nothing is patched by it."""
    change(app)
    assert not project.is_patched()
    found = names(project)
    assert list(found) == [name]
    assert found[name].is_doubtful


@pytest.mark.parametrize(
    "change",
    [
        lambda app: setattr(app.settings, "currency", "".join(["E", "UR"])),
        lambda app: app.settings.rates.update(EUR=float("1.0")),
        lambda app: app.NAMES.__setitem__(0, "".join("x")),
        lambda app: setattr(app, "__warningregistry__", {}),
        lambda app: setattr(app, "json", sys.modules["os.path"]),
        lambda app: app.rate.cache_clear(),
        lambda app: setattr(app.random, "_note", 1),
    ],
)
def test_what_is_no_change(app, project, change, monkeypatch):
    """Equal values, what the language itself keeps there, modules that are imported."""
    monkeypatch.setattr(app.random, "_note", 0, raising=False)
    names(project)
    change(app)
    assert names(project) == {}


def test_what_has_taken_the_place_of_another(app, project):
    """It is looked at from then on, and what was there before no more."""
    before = app.settings
    app.settings = app.Settings()
    assert list(names(project)) == ["settings"]
    before.rates.clear()
    assert names(project) == {}
    app.settings.rates.clear()
    assert list(names(project)) == ["settings.rates"]


def test_code_of_the_project_is_not_run(app, monkeypatch):
    """Neither to compare nor to look."""

    class Touchy:
        def __eq__(self, other):
            raise AssertionError

        __hash__ = None

        def __getattr__(self, name):
            raise AssertionError

    app.touchy = Touchy()
    project = Project(lambda module: module is app)
    app.touchy = Touchy()
    assert list(names(project)) == ["touchy"]


def test_large_containers_are_looked_at_by_their_length(app):
    """A table of thousands costs next to nothing."""
    app.TABLE = dict.fromkeys(range(10_000))
    project = Project(lambda module: module is app)
    app.TABLE[1] = "other"
    assert names(project) == {}
    app.TABLE[-1] = "more"
    assert names(project)["TABLE"][2:4] == ("10,000 items", "10,001 items")


def test_changes_that_are_undone_are_none():
    """However many steps that takes; so are threads that are gone."""
    made = Made()
    made.add(
        [Change("variable", "A", "1", "2"), Change("thread", "t", ABSENT, object(), adds=True)]
    )
    made.add(
        [Change("variable", "A", "2", "1"), Change("thread", "t", object(), ABSENT, adds=True)]
    )
    made.add([Change("variable", "B", "1", "2")])
    assert [change.name for change in made.net()] == ["B"]


def test_to_repair_is_no_fault():
    """Who makes a thing what it was at first has left nothing."""
    value = types.SimpleNamespace(now="EUR")

    class Aspect:
        known = "EUR"

        def changes(self):
            was, self.known = self.known, value.now
            return [] if was == value.now else [Change("attribute", "currency", was, value.now)]

    state = State([Aspect()])
    value.now = "USD"
    (broken,) = state.changes()
    assert not state.is_repaired(broken)
    value.now = "EUR"
    (mended,) = state.changes()
    assert state.is_repaired(mended)


def test_plain_values_are_compared_and_others_not():
    """One is not True, and two objects are two."""
    assert same(("a", (1.5, None)), ("a", (1.5, None)))
    assert not same(1, True)
    assert not same([], [])
    assert not same(("a",), ("a", "b"))


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        (None, "x", ("None", "'x'")),
        (("a", "b"), ("b", "c", "d", "e"), ("2 items with 'a'", "4 items with 'c', 'd', ...")),
        (("a", "b"), ("b", "a"), ("2 items", "2 items")),
        ("", "x" * 100, ("''", f"'{'x' * 56}...")),
    ],
)
def test_values_in_words(was, now, words):
    """Of what is long, the part that differs."""
    assert words_for(Change("attribute", "a", was, now)) == words


def test_secrets_are_not_shown():
    """A variable may be a password."""
    for was, now in ((ABSENT, "s3cret"), ("s3cret", ABSENT), ("s3cret", "other")):
        assert "s3cret" not in " ".join(words_for(Change("variable", "A", was, now, shown=False)))


def test_a_repr_that_fails_is_told():
    """It is the project's own code."""

    class Broken:
        def __repr__(self):
            raise ValueError

    assert words_for(Change("attribute", "a", None, Broken()))[1] == (
        "<Broken whose repr fails with ValueError>"
    )
