"""Find databases that killed runs left behind, and remove them.

A database is in use if its worker holds its lock, if anything is connected to it, if its process is
one of this machine and lives, or if a process elsewhere gave a sign of life in the last five
minutes. None in use is removed, nor any that the fixture worker_database has not made. Templates
stay until no run has used them for seven days.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from contextlib import closing

import pytest

from pytest_markersteal.cli.usage import NOT_GOOD, OK, WRONG_USAGE, UsageError
from pytest_markersteal.options import DATABASES
from pytest_markersteal.safety.databases.leftovers import Found, Leftovers
from pytest_markersteal.safety.databases.server import connect
from pytest_markersteal.safety.databases.urls import URLS, DatabaseUrl, parse
from pytest_markersteal.words import count

HELP = "find databases that killed runs left behind"
USAGE = "[--reap] [URL ...]"
EPILOG = f"""\
Without a URL it looks where the variables in {DATABASES} of pytest's ini file lead.

examples:
  markersteal doctor
  markersteal doctor --reap
  markersteal doctor --reap postgresql://ann@localhost/shop

exit codes: {OK} nothing is left behind, {NOT_GOOD} something is, {WRONG_USAGE} wrong usage, or no
connection
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "urls", metavar="URL", nargs="*", help="that of the database from which others were made"
    )
    parser.add_argument("--reap", action="store_true", help="remove what is left behind")


def run(chosen: argparse.Namespace) -> int:
    """Look at all servers, and print what is there."""
    urls = [_given(text) for text in chosen.urls] or _of_ini()
    left = 0
    for url in {url.place: url for url in urls}.values():
        if url.is_in_memory:
            continue
        print(f"databases made from {url.base}:")
        found = _looked(url, remove=chosen.reap)
        for one in found:
            print(f"  {_word(one):<9} {one.name}  {one.what}" + _reason(one))
        print(f"  {_summary(found)}")
        left += sum(not one.stays and not one.removed for one in found)
    return NOT_GOOD if left else OK


def _looked(url: DatabaseUrl, *, remove: bool) -> list[Found]:
    try:
        server = connect(url)
    except ModuleNotFoundError as error:
        raise UsageError(str(error)) from error
    except Exception as error:  # Each driver has its own.
        raise UsageError(f"can't connect to the server of {url.base}: {error}") from error
    with closing(server):
        return Leftovers(server, url.base).look(remove=remove)


def _word(found: Found) -> str:
    if found.removed:
        return "removed"
    return "stays" if found.stays else "left over"


def _reason(found: Found) -> str:
    return f" ({found.stays})" if found.stays else ""


def _summary(found: Iterable[Found]) -> str:
    words = [_word(one) for one in found]
    left = words.count("left over")
    said = ", ".join(
        f"{words.count(word):,} {word}"
        for word in ("stays", "removed", "left over")
        if word in words
    )
    remedy = (
        f"; 'markersteal doctor --reap' removes {'it' if left == 1 else 'them'}" if left else ""
    )
    return f"{count(len(words), 'database')}: {said}{remedy}" if words else "none"


def _given(text: str) -> DatabaseUrl:
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(f"argument URL: {error}") from error


class _Reader:
    """A plugin that ends pytest as soon as it has read its ini file."""

    def __init__(self) -> None:
        self.urls: list[DatabaseUrl] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> int:
        """Note the URLs, and be the one who ran the tests."""
        self.urls = list(config.stash.get(URLS, {}).values())
        return OK


def _of_ini() -> list[DatabaseUrl]:
    reader = _Reader()
    code = pytest.main(["--noconftest"], plugins=[reader])
    if code != OK:
        raise UsageError("pytest can't read its ini file here; name a URL")
    if not reader.urls:
        raise UsageError(f"no {DATABASES} in the ini file of pytest; name a URL")
    return reader.urls
