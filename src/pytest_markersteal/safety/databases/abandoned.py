"""Databases of workers that died and that no replacement has taken over: they go with the run."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing

import pytest

from pytest_markersteal.safety.databases.names import run_digits, template_name
from pytest_markersteal.safety.databases.records import owner
from pytest_markersteal.safety.databases.server import Server, connect
from pytest_markersteal.safety.databases.templates import databases_of
from pytest_markersteal.safety.databases.urls import DatabaseUrl

_RELEASE_S = 5.0
"""How long servers may take, all in all, to see that workers have died."""


class AbandonedDatabases:
    """Registered on the controller of a run whose workers may have databases."""

    def __init__(self, urls: Iterable[DatabaseUrl], run: str) -> None:
        """``urls`` lead to the databases of any slot of ``run``."""
        self._urls = [url for url in {url.place: url for url in urls}.values() if url.name]
        self._run = run
        self._some_died = False
        self._left: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, error: object) -> None:
        """Note whether a worker died: others drop their own."""
        self._some_died |= error is not None

    @pytest.hookimpl
    def pytest_keyboard_interrupt(self) -> None:
        """Of workers that are killed then, nobody is told."""
        self._some_died = True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """All workers have ended."""
        until_s = time.monotonic() + _RELEASE_S
        for url in self._urls if self._some_died else ():
            try:
                with closing(connect(url)) as server:
                    self._left += self._drop_all(server, url.base, until_s)
            except Exception as error:  # Each driver has its own.
                self._left.append(f"those made from {url.base} were not looked for: {error}")

    def _drop_all(self, server: Server, base: str, until_s: float) -> Iterator[str]:
        """Drop what the run has left; what stays, and why."""
        digits = run_digits(self._run)
        for name in databases_of(server.databases(base), digits):
            why = _drop(server, base, name, until_s)
            if why:
                yield f"{name} {why}"
        template = template_name(
            base, self._run.encode()
        )  # There is one if no later run could use it.
        found = server.databases(base)
        if template in found and not databases_of(found, digits):
            why = _drop(server, base, template, until_s)
            if why:
                yield f"{template} {why}"

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell what is left."""
        for what in self._left:
            terminalreporter.write_line(
                f"markersteal: databases of workers that died: {what}; look with "
                "'markersteal doctor'",
                yellow=True,
            )


def _drop(server: Server, base: str, name: str, until_s: float) -> str:
    """Drop a database; why it stays, if it does."""
    if not server.lock(name, max(0.0, until_s - time.monotonic())):
        return "is still locked"
    try:
        # Its lock may have been cut off, if another run has the same name.
        its_owner = owner(server.databases(base).get(name, ""))
        if its_owner is not None and its_owner.is_here() and its_owner.is_alive():
            return f"is in use by {its_owner}"
        server.drop(name, even_if_used=True)
    except Exception as error:  # Each driver has its own.
        return f"was not dropped: {error}"
    finally:
        server.unlock(name)
    return ""
