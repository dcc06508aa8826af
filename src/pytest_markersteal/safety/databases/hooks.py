"""Hooks that a conftest can have for its databases."""

from __future__ import annotations

import pytest


@pytest.hookspec
def pytest_markersteal_prepare_database(config: pytest.Config, variable: str, url: str) -> None:
    """Make the empty database at ``url`` what each worker's database is to begin as.

    For example by running the migrations. It is called once for all workers, and not again while
    nothing in ``markersteal_database_sources`` changes. ``variable`` is the first one in
    ``markersteal_databases`` for this database; during the call it, and the others for the same
    database, are the URL too. Not called for databases in memory.
    """
