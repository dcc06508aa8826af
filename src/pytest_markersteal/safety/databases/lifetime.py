"""The databases of one worker, from when it first needs them until its session ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_markersteal import place
from pytest_markersteal.options import DATABASE_SOURCES, DATABASES, keeps_databases
from pytest_markersteal.safety.databases.heartbeat import beating
from pytest_markersteal.safety.databases.records import Owner, owner, owner_here, written
from pytest_markersteal.safety.databases.server import DatabaseInUse, Server, connect
from pytest_markersteal.safety.databases.templates import Template, has_hooks, key_of, preparing
from pytest_markersteal.safety.databases.urls import URLS, DatabaseUrl

TAKEOVER_S = 30.0
"""How long a worker that died may take to let its database go to the one that replaces it."""


@dataclass(frozen=True, slots=True)
class WorkerDatabase:
    """The database that this worker has for itself.

    ``url`` is what the variable says, password included; ``name`` what the database is called on
    its server, and empty for one in memory. With several variables in ``markersteal_databases``
    these are of the first one, and ``urls`` has all, by variable.
    """

    url: str
    name: str
    urls: Mapping[str, str]

    def __repr__(self) -> str:
        return f"WorkerDatabase({self.name or 'in memory'!r})"  # Without passwords.


@contextmanager
def worker_databases(config: pytest.Config, shared_folder: Path) -> Iterator[WorkerDatabase]:
    """Databases for all variables, for the time of the block.

    ``shared_folder`` is one that all workers of the run have.
    """
    urls = config.stash.get(URLS, {})
    if not urls:
        raise LookupError(
            "worker_database needs the variable that has the URL of the database: name it in the "
            f"ini file, for example {DATABASES} = DATABASE_URL"
        )
    together: dict[tuple[object, ...], list[str]] = {}
    for variable, url in urls.items():
        if not url.is_in_memory:
            together.setdefault(url.place, []).append(variable)
    with ExitStack() as stack:
        for variables in together.values():
            server = stack.enter_context(closing(connect(urls[variables[0]])))
            template = _template(config, server, variables, urls, shared_folder)
            keep = keeps_databases(config)
            stack.enter_context(slot_database(server, urls[variables[0]], template, keep=keep))
        first = next(iter(urls.values()))
        yield WorkerDatabase(str(first), first.name, {name: str(url) for name, url in urls.items()})


@contextmanager
def slot_database(
    server: Server, url: DatabaseUrl, template: Template | None, *, keep: bool
) -> Iterator[None]:
    """The database that ``url`` names, for the time of the block; ``DatabaseInUse`` if it is."""
    name = url.name
    if not server.lock(name, TAKEOVER_S):
        held_by = owner(server.databases(url.base).get(name, ""))
        raise DatabaseInUse(
            f"{name} is in use by {held_by or 'a worker that has just started'}: another run has "
            "the same --testrunuid, or another variable leads to the same database by another host"
        )
    try:
        mine = _made(server, name, template)

        def beat(kept: bool = False) -> None:
            server.beat(
                name, lambda now_s: written(dataclasses.replace(mine, beat_s=now_s, kept=kept))
            )

        try:
            with beating(beat):
                yield
        finally:
            beat(keep)  # The connection may have been cut meanwhile.
            if not keep:
                server.drop(name, even_if_used=True)
    finally:
        server.unlock(name)
        if template is not None:
            template.drop_after_last()


def _made(server: Server, name: str, template: Template | None) -> Owner:
    """Make the database of a slot, and note whose it is."""
    try:
        # One of a worker that died, which this one replaces.
        server.drop(name, even_if_used=True)
        if template is None:
            server.create(name)
        else:
            template.clone(name)
        mine = owner_here(place.run_id(), server.now_s())
        server.note(name, written(mine))
    except BaseException:
        server.drop(name, even_if_used=True)
        raise
    return mine


def _template(
    config: pytest.Config,
    server: Server,
    variables: list[str],
    urls: Mapping[str, DatabaseUrl],
    shared_folder: Path,
) -> Template | None:
    if not has_hooks(config):
        return None
    key = key_of(config, variables[0], config.getini(DATABASE_SOURCES))
    run = place.run_id() if key is None else ""
    return Template(
        server,
        urls[variables[0]].base,
        key or run.encode(),
        run,
        preparing(config, variables, urls),
        shared_folder,
    )
