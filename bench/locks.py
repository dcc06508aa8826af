"""Marks as file locks around the body of a test, as suites do it by hand: ``-p locks``.

A reader locks like a writer, and a key with a capacity has one lock. ``no_parallel`` is a lock
that only ``serial`` and ``no_parallel`` tests take: a file lock can't keep all others away.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest
from filelock import FileLock

_FOLDER = Path(os.environ["BENCH_LOCKS"])
_POLL_S = 0.005
"""A tenth of the library's default, as the tests are scaled down."""


def _names(item: pytest.Item) -> list[str]:
    names = {
        f"key-{key}"
        for mark in item.iter_markers("shared_resource")
        for key in mark.args or ("shared",)
    }
    names |= {f"group-{mark.args[0]}" for mark in item.iter_markers("xdist_group")}
    if item.get_closest_marker("serial") or item.get_closest_marker("no_parallel"):
        names.add("serial")
    return sorted(names)  # in one order everywhere, so that there is no deadlock


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    with ExitStack() as held:
        for name in _names(item):
            held.enter_context(FileLock(_FOLDER / f"{name}.lock", poll_interval=_POLL_S))
        return (yield)
