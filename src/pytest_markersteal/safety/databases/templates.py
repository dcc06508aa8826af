"""Templates: prepared by one worker, cloned by all, and by later runs while their key is the same.

The key is of all that the template is made from: the files in ``markersteal_database_sources`` and
those of the hooks. Nobody knows what else a hook looks at, so where no sources are named the
template is of one run only.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from pytest_markersteal.options import DATABASE_SOURCES
from pytest_markersteal.safety.databases.names import parsed, run_digits, template_name
from pytest_markersteal.safety.databases.records import Prepared, owner, prepared, written
from pytest_markersteal.safety.databases.server import Server
from pytest_markersteal.safety.databases.urls import DatabaseUrl
from pytest_markersteal.safety.environment import Changes


class PreparationFailed(RuntimeError):  # noqa: N818 - reads as what happened
    """The hook failed, in this worker or in another one; the message has its traceback."""


class Template:
    """The one that databases of ``base`` are cloned from.

    ``run``: the only run that may use it, or empty. ``failures``: a folder that the workers of a
    run share, where one tells the others that ``prepare`` has failed.
    """

    def __init__(
        self,
        server: Server,
        base: str,
        key: bytes,
        run: str,
        prepare: Callable[[str], None],
        failures: Path,
    ) -> None:
        self._server = server
        self._base = base
        self._run = run
        self._prepare = prepare
        self.name = template_name(base, key)
        self._failure = failures / f"{Path(self.name).name}.failed"

    def clone(self, name: str) -> None:
        """Make the database ``name``; the template first, if it is not there yet."""
        with self._locked():
            noted = prepared(self._server.databases(self._base).get(self.name, ""))
            now_s = self._server.now_s()
            if noted is None:
                self._make()
                noted = Prepared(self._run, now_s, now_s)
            self._server.note(self.name, written(dataclasses.replace(noted, used_s=now_s)))
            if self._run:
                self._server.clone(self.name, name)
                return
        # Workers clone at the same time. Nobody removes a template that was used so lately.
        self._server.clone(self.name, name)

    def drop_after_last(self) -> None:
        """Remove it, if it is of one run that has no other database."""
        if not self._run:
            return
        with self._locked():
            if not databases_of(self._server.databases(self._base), run_digits(self._run)):
                self._server.drop(self.name, even_if_used=True)

    def _make(self) -> None:
        if self._failure.exists():
            raise PreparationFailed(self._failure.read_text(encoding="utf-8"))
        # One that was being made when its maker died.
        self._server.drop(self.name, even_if_used=True)
        try:
            self._server.create(self.name)
            self._prepare(self.name)
            self._server.seal(self.name)
        except BaseException as error:
            self._server.drop(self.name, even_if_used=True)
            if isinstance(error, Exception):
                worker = os.environ.get("PYTEST_XDIST_WORKER", "master")
                told = "".join(traceback.format_exception(error))
                self._failure.write_text(
                    f"preparing {self.name} failed in {worker} with {error!r}\n{told}",
                    encoding="utf-8",
                )
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._server.lock(self.name, math.inf)
        try:
            yield
        finally:
            self._server.unlock(self.name)


def databases_of(databases: Mapping[str, str], run: str) -> list[str]:
    """The databases of the slots of a run, given as the digits in names, that it may still use."""
    found = []
    for name, text in databases.items():
        known, its_owner = parsed(name), owner(text)
        kept = its_owner is not None and its_owner.kept
        if known is not None and known.run == run and not kept:
            found.append(name)
    return found


def preparing(
    config: pytest.Config, variables: Sequence[str], urls: Mapping[str, DatabaseUrl]
) -> Callable[[str], None]:
    """A function that lets the hooks prepare the database of a name, for ``variables`` of one."""

    def prepare(name: str) -> None:
        changes = Changes(os.environ)
        changes.make({variable: str(urls[variable].named(name)) for variable in variables})
        try:
            config.hook.pytest_markersteal_prepare_database(
                config=config, variable=variables[0], url=os.environ[variables[0]]
            )
        finally:
            changes.undo()

    return prepare


def key_of(config: pytest.Config, variable: str, sources: Sequence[str]) -> bytes | None:
    """What stands for all that a template is made from; None where no sources are named.

    ``UsageError`` for one that is not there.
    """
    if not sources:
        return None
    digest = sha256(variable.encode())
    for path in [*_hook_files(config), *_files(config.rootpath, sources)]:
        digest.update(sha256(os.fsencode(os.path.relpath(path, config.rootpath))).digest())
        digest.update(sha256(path.read_bytes()).digest())
    return digest.digest()


def has_hooks(config: pytest.Config) -> bool:
    """Whether anything prepares databases."""
    return bool(config.hook.pytest_markersteal_prepare_database.get_hookimpls())


def _hook_files(config: pytest.Config) -> list[Path]:
    hooks = config.hook.pytest_markersteal_prepare_database.get_hookimpls()
    files = (inspect.getsourcefile(inspect.unwrap(hook.function)) for hook in hooks)
    return sorted(Path(file) for file in files if file)


def _files(root: Path, sources: Sequence[str]) -> Iterator[Path]:
    for source in sources:
        found = [] if Path(source).is_absolute() else sorted(root.glob(source))
        if not found:
            raise pytest.UsageError(
                f"{DATABASE_SOURCES}: there is no {source!r} in {root}: name files, folders or "
                "patterns, such as migrations/*.sql"
            )
        for path in found:
            if path.is_file():
                yield path
                continue
            inside = (file for file in path.rglob("*") if "__pycache__" not in file.parts)
            yield from sorted(file for file in inside if file.is_file())
