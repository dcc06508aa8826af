"""The hooks where tests run: they tell the ledger who is at work."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import pytest_markersteal
from pytest_markersteal.races.watch import interpreter
from pytest_markersteal.races.watch.audit import Tap
from pytest_markersteal.races.watch.footprint import VERSION, Hello, Record, Trouble
from pytest_markersteal.races.watch.ledger import Fixture, Ledger
from pytest_markersteal.races.watch.noise import FOLDERS, Noise
from pytest_markersteal.races.watch.project import Project
from pytest_markersteal.races.watch.state import State
from pytest_markersteal.safety.ports.ephemeral import lasting_ports
from pytest_markersteal.trace.names import PHASES

_SETUP, _CALL, _TEARDOWN = range(len(PHASES))

_OF_CLASSES_AND_MODULES = ("_xunit_", "_unittest_")
"""Fixtures that pytest makes of functions such as ``setup_module``."""


class Watcher:
    """Registered in a process that runs tests."""

    def __init__(
        self, config: pytest.Config, worker: str, tell: Callable[[Sequence[Record]], None]
    ) -> None:
        """``worker`` is empty where there are none. ``tell`` is given records as they are made."""
        self._config = config
        self._tell = tell
        self._clock_s = time.perf_counter  # Tests may patch it where it is.
        self._root = config.rootpath
        basetemp = config.getoption("basetemp", None)
        noise = Noise(self._root, Path(basetemp) if basetemp else None, worker)
        lasting = set(lasting_ports(range(1 << 16)))
        self._tap = Tap(noise, self._clock_s, lasting.__contains__)
        self._fixtures: dict[pytest.FixtureDef[Any], Fixture] = {}
        self._project: Project | None = None
        self._ledger: Ledger | None = None
        self._is_in_trouble = False
        self._tap.install()
        config.add_cleanup(self._tap.close)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """All is imported that is imported before tests run."""
        if not session.items:
            return
        self._tell([Hello(VERSION, pytest_markersteal.__version__, self._clock_s())])
        tests = {getattr(item, "module", None) for item in session.items}
        self._project = Project(lambda module: module not in tests and self._is_own(module))
        # pytest-randomly seeds for each test, which is no leak of the test.
        reseeds = bool(self._config.getoption("randomly_reset_seed", False))
        aspects = interpreter.aspects(self._tap, has_seed=not reseeds)
        state = State([*aspects, self._project])
        self._ledger = Ledger(self._tap, state, self._clock_s)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Watch a test, with all its attempts."""
        ledger = self._ledger
        if ledger is None:
            return (yield)  # Some plugin's own, before there are tests.
        ledger.begin(item.nodeid)
        try:
            return (yield)
        finally:
            ledger.end()
            self._send(ledger)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """What is touched from now on is touched in the set-up."""
        self._tap.phase = _SETUP

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        """... in the call."""
        self._tap.phase = _CALL

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """... in the teardown. Until now the fixtures' patches were on."""
        self._tap.phase = _TEARDOWN
        project = self._project
        if self._ledger is not None and project is not None and project.is_filled():
            names = getattr(item, "fixturenames", ())
            self._ledger.note_fill(names, is_patched=project.is_patched())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Watch a fixture of wider scope than the test apart from it."""
        __tracebackhide__ = True
        ledger = self._ledger
        # One of class scope is the test's own where there is no class. Plugins have such that every
        # test uses, and a look at the whole state before and after each would be dear.
        is_own = fixturedef.scope == "function" or isinstance(request.node, pytest.Item)
        if ledger is None or is_own or _is_built_in(fixturedef):
            return (yield)
        fixture = ledger.enter(
            fixturedef.scope,
            request.node.nodeid,
            fixturedef.argname,
            is_foreign=_is_foreign(fixturedef),
        )
        self._fixtures[fixturedef] = fixture
        try:
            return (yield)
        finally:
            ledger.leave(fixture)
            # Called first of all that tears it down, once those are gone that asked for it later.
            fixturedef.addfinalizer(lambda: ledger.begin_release(fixture))

    @pytest.hookimpl(trylast=True)
    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        """It is torn down; also called for fixtures that never were set up."""
        fixture = self._fixtures.pop(fixturedef, None)
        if fixture is not None and self._ledger is not None:
            self._ledger.end_release(fixture)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """All is torn down."""
        if self._ledger is not None:
            self._send(self._ledger)
        self._tap.close()

    def _send(self, ledger: Ledger) -> None:
        records = ledger.take()
        if self._tap.trouble is not None and not self._is_in_trouble:
            self._is_in_trouble = True
            records.append(Trouble(self._tap.trouble))
        if records:
            self._tell(records)

    def _is_own(self, module: ModuleType) -> bool:
        """Whether ``module`` is the project's: under the rootdir, and no conftest."""
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or os.path.basename(file) == "conftest.py":
            return False
        path = Path(file)
        if not path.is_relative_to(self._root) or path.is_relative_to(sys.prefix):
            return False
        return set(FOLDERS).isdisjoint(path.parts)


def _is_foreign(fixturedef: pytest.FixtureDef[Any]) -> bool:
    file = getattr(sys.modules.get(fixturedef.func.__module__), "__file__", None)
    return file is not None and not set(FOLDERS).isdisjoint(Path(file).parts)


def _is_built_in(fixturedef: pytest.FixtureDef[Any]) -> bool:
    if fixturedef.argname.startswith(_OF_CLASSES_AND_MODULES):
        return False
    return fixturedef.func.__module__.startswith(("_pytest.", "pytest_markersteal."))
