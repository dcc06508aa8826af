"""Hooks that this plugin calls."""

from __future__ import annotations

import pytest


@pytest.hookspec(firstresult=True)
def pytest_markersteal_check_resource(
    config: pytest.Config, key: str, instance: int, name: str | None, host: str
) -> bool | None:
    """Tell whether an instance of a resource may be used again, after a worker died with it.

    ``instance`` is its number, 0 to the capacity of ``key`` less one; ``name`` what it is called in
    ``markersteal_resources``, if it has a name there. ``host`` is where it is, as its workers tell
    it, if the key is one per host; else it is empty. It may be repaired here first. True: tests are
    given it again; False, or any exception: none is. None: other implementations are asked, and
    without an answer it is as if there were no check.

    Called on the controller, in a thread of its own, with other instances maybe at the same time;
    after ``markersteal_check_deadline_s`` seconds nobody waits for the answer any more.
    """


@pytest.hookspec
def pytest_markersteal_prepare_database(config: pytest.Config, variable: str, url: str) -> None:
    """Make the empty database at ``url`` what each worker's database is to begin as.

    For example by running the migrations. It is called once for all workers, and not again while
    nothing in ``markersteal_database_sources`` changes. ``variable`` is the first one in
    ``markersteal_databases`` for this database; during the call it, and the others for the same
    database, are the URL too. Not called for databases in memory.
    """
