"""Databases of workers that died and that no replacement has taken over: they go with the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing

import pytest

from pytest_markersteal.safety.databases.names import parsed, run_digits, template_name
from pytest_markersteal.safety.databases.server import connect
from pytest_markersteal.safety.databases.urls import DatabaseUrl

_RELEASE_S = 5.0
"""How long a server may take to see that a worker has died."""


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

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """All workers have ended."""
        if self._some_died:
            for url in self._urls:
                try:
                    self._left += self._dropped(url)
                except Exception as error:  # Each driver has its own.
                    self._left.append(f"those made from {url.base} were not looked for: {error}")

    def _dropped(self, url: DatabaseUrl) -> Iterator[str]:
        """Drop what the run has left; what stays, and why."""
        template = template_name(url.base, self._run.encode())  # If no later run could use one.
        with closing(connect(url)) as server:
            names = [(name, parsed(name)) for name in server.databases(url.base)]
            slots = [name for name, known in names if known and known.run == run_digits(self._run)]
            for name in [*slots, *(name for name, _ in names if name == template)]:
                if not server.lock(name, _RELEASE_S):
                    yield f"{name} is still locked"
                    continue
                try:
                    server.drop(name, even_if_used=True)
                finally:
                    server.unlock(name)

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell what is left."""
        for what in self._left:
            terminalreporter.write_line(
                f"markersteal: databases of workers that died: {what}; look with "
                "'markersteal doctor'",
                yellow=True,
            )
