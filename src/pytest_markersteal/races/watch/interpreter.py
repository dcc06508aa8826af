"""Aspects of the interpreter and of the standard library.

What a process has not imported is not imported to be looked at.
"""

from __future__ import annotations

import locale
import logging
import os
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import attrgetter, is_
from types import ModuleType
from typing import Any

from pytest_markersteal.races.watch.audit import Tap
from pytest_markersteal.races.watch.footprint import DIRECTORY, VARIABLE
from pytest_markersteal.races.watch.state import ABSENT, INTERPRETER, Aspect, Change, same
from pytest_markersteal.safety.databases import heartbeat

_SIGNALS = (
    *("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGALRM", "SIGUSR1", "SIGUSR2"),
    *("SIGCHLD", "SIGPIPE", "SIGBREAK", "SIGWINCH", "SIGABRT", "SIGVTALRM", "SIGPROF"),
)

_HANDLERS = attrgetter("handlers")
_SETTINGS = attrgetter("level", "disabled")

_WORDS = 624
"""So many words has the state of ``random``, which makes as many at once from those before."""

_GENERATIONS = 2_000
"""How many times that to look ahead: a test that draws 1.2 million words seems to have seeded."""


def aspects(tap: Tap, *, has_seed: bool = True) -> list[Aspect]:
    """All of them; of variables and folders ``tap`` tells when they change.

    ``has_seed``: whether to look at the seed of ``random`` too.
    """
    return [
        Environment(tap),
        WorkingDirectory(tap),
        Values("sys.path", lambda: tuple(sys.path)),
        Values("warnings filters", lambda: tuple(warnings.filters)),
        Values("locale", lambda: locale.setlocale(locale.LC_ALL)),
        Values("time zone", lambda: (time.tzname, time.timezone)),
        Values("event loop policy", _policy),
        *(
            Values(f"handler of {name}", _handler(name))
            for name in _SIGNALS
            if hasattr(signal, name)
        ),
        Loggers(),
        *([Seed()] if has_seed else []),
        Members("thread", _threads),
        Members("event loop", lambda: _open_loops(tap)),
        Members("child process", lambda: _running(tap)),
        Modules(),
    ]


class Values:
    """One thing that has a value."""

    def __init__(self, name: str, value: Callable[[], object]) -> None:
        self._name = name
        self._value = value
        self._known = value()

    def changes(self) -> Sequence[Change]:
        """At most one."""
        was, now = self._known, self._value()
        if was is now or same(was, now):
            return ()
        self._known = now
        return (Change(INTERPRETER, self._name, was, now),)


class Environment:
    """Variables of the environment."""

    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        self._environ = os.environ
        self._known = dict(os.environ)

    def changes(self) -> Sequence[Change]:
        """Of the variables that somebody has set or removed."""
        if self._environ is not os.environ:
            was, self._environ = self._environ, os.environ
            return (Change(INTERPRETER, "os.environ", was, os.environ, shown=False),)
        if not self._tap.variables:
            return ()
        found = []
        for name in sorted(self._tap.variables):
            was, now = self._known.get(name, ABSENT), os.environ.get(name, ABSENT)
            if not same(was, now):
                found.append(Change(VARIABLE, name, was, now, shown=False))
                if isinstance(now, str):
                    self._known[name] = now
                else:
                    self._known.pop(name, None)
        self._tap.variables.clear()
        return found


class WorkingDirectory:
    """Where relative paths count from."""

    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        self._known = self._path()

    def changes(self) -> Sequence[Change]:
        """At most one."""
        if not self._tap.moved:
            return ()
        self._tap.moved = False
        was, self._known = self._known, self._path()
        if was == self._known:
            return ()
        return (Change(INTERPRETER, DIRECTORY, was, self._known),)

    def _path(self) -> str:
        try:
            return os.getcwd()
        except OSError:
            return "a folder that was removed"


class Members:
    """Things of one kind that come and go."""

    def __init__(self, kind: str, members: Callable[[], Iterable[tuple[str, Any]]]) -> None:
        self._kind = kind
        self._members = members
        self._known = {id(one): (name, one) for name, one in members()}

    def changes(self) -> Sequence[Change]:
        """Those that came, and those that are gone."""
        now = {id(one): (name, one) for name, one in self._members()}
        if now.keys() == self._known.keys():
            return ()
        was, self._known = self._known, now
        came = [
            Change(self._kind, name, ABSENT, one, adds=True)
            for key, (name, one) in now.items()
            if key not in was
        ]
        went = [
            Change(self._kind, name, one, ABSENT, adds=True)
            for key, (name, one) in was.items()
            if key not in now
        ]
        return [*came, *went]


class Loggers:
    """Handlers and levels of loggers, and whether they are disabled."""

    def __init__(self) -> None:
        self._look()

    def changes(self) -> Sequence[Change]:
        """A logger that is new has changed if it has a handler."""
        if self._is_unchanged():
            return ()
        was = self._known
        self._look()
        found = []
        for name, (handlers, level, disabled) in self._known.items():
            before = was.get(name, ((), level, disabled))
            if not same(before[0], handlers):
                found.append(Change("logging handlers", name, before[0], handlers))
            if before[1] != level:
                found.append(Change("logging level", name, before[1], level))
            if before[2] != disabled:
                found.append(Change("logger", name, _able(before[2]), _able(disabled)))
        return found

    def _is_unchanged(self) -> bool:
        """Whether all is as it was: there can be hundreds, so this must be fast."""
        return (
            len(logging.root.manager.loggerDict) == self._count
            and list(map(_SETTINGS, self._loggers)) == self._settings
            and sum(map(len, map(_HANDLERS, self._loggers))) == len(self._handlers)
            and all(map(is_, chain.from_iterable(map(_HANDLERS, self._loggers)), self._handlers))
        )

    def _look(self) -> None:
        registered = list(logging.root.manager.loggerDict.values())
        self._count = len(registered)
        # Others are placeholders, for parents that nobody has asked for.
        made = (one for one in registered if isinstance(one, logging.Logger))
        self._loggers = [logging.root, *made]
        self._settings = list(map(_SETTINGS, self._loggers))
        self._handlers = list(chain.from_iterable(map(_HANDLERS, self._loggers)))
        self._known = {
            one.name: (
                # Libraries add those that do nothing as they are imported.
                tuple(item for item in one.handlers if type(item) is not logging.NullHandler),
                one.level,
                one.disabled,
            )
            for one in self._loggers
        }


class Seed:
    """Whether ``random`` was seeded, and left so: drawing numbers is no change."""

    def __init__(self) -> None:
        self._known: Any = random.getstate()

    def changes(self) -> Sequence[Change]:
        """One, where the state does not follow from the one before."""
        was, now = self._known, random.getstate()
        if was[1][:_WORDS] == now[1][:_WORDS]:
            return ()
        self._known = now
        ahead = random.Random()
        ahead.setstate(was)
        for _ in range(_GENERATIONS):
            ahead.getrandbits(32 * _WORDS)
            if ahead.getstate()[1][:_WORDS] == now[1][:_WORDS]:
                return ()
        return (Change(INTERPRETER, "random seed", "not seeded by a test", "seeded"),)


class Modules:
    """What ``sys.modules`` has: modules taken away or replaced, and ones that are made up."""

    def __init__(self) -> None:
        self._known = dict(sys.modules)

    def changes(self) -> Sequence[Change]:
        """Importing a module, for the first time or anew once it was taken away, is no change."""
        known = self._known
        if len(known) == len(sys.modules) and all(map(is_, sys.modules.values(), known.values())):
            return ()
        was, now = known, dict(sys.modules)
        self._known = now
        return [
            Change("sys.modules", name, was.get(name, ABSENT), now.get(name, ABSENT))
            for name in dict.fromkeys([*was, *now])
            if was.get(name, ABSENT) is not now.get(name, ABSENT)
            and (name in was or _is_made_up(now[name]))
        ]


def _is_made_up(module: object) -> bool:
    """Whether no import has brought ``module``; None is there where an import is to fail."""
    return not isinstance(module, ModuleType) or getattr(module, "__spec__", None) is None


def _able(disabled: bool) -> str:
    return "disabled" if disabled else "enabled"


def _handler(name: str) -> Callable[[], object]:
    number = getattr(signal, name)
    return lambda: signal.getsignal(number)


def _policy() -> object:
    # To ask for it would make one, of the default kind, which is no change.
    policy = getattr(sys.modules.get("asyncio.events"), "_event_loop_policy", None)
    default = getattr(sys.modules.get("asyncio"), "DefaultEventLoopPolicy", None)
    return None if type(policy) is default else policy


def _threads() -> list[tuple[str, Any]]:
    return [(one.name, one) for one in threading.enumerate() if one.name != heartbeat.NAME]


def _open_loops(tap: Tap) -> list[tuple[str, Any]]:
    if not tap.loops:
        return []
    return [(type(loop).__name__, loop) for loop in list(tap.loops) if not loop.is_closed()]


def _running(tap: Tap) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    if tap.processes:
        started = [one for one in list(tap.processes) if one.poll() is None]
        found += [(_command(one.args), one) for one in started]
    children = getattr(sys.modules.get("multiprocessing.process"), "active_children", None)
    if children is not None:
        found += [(child.name, child) for child in children()]
    return found


def _command(args: Any) -> str:
    first = args if isinstance(args, str | bytes | os.PathLike) else next(iter(args), "")
    return os.path.basename(os.fsdecode(first))
