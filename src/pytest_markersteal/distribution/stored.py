"""The durations file of a session, which is read once, by whoever needs it first."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from pytest_markersteal.durations.history import History
from pytest_markersteal.durations.store import Store


class Stored(NamedTuple):
    """The file, and what was in it."""

    store: Store
    history: History


_STORED = pytest.StashKey[Stored]()


def stored(config: pytest.Config) -> Stored:
    """What is stored of earlier runs of this rootdir."""
    if _STORED not in config.stash:
        store = Store(config.rootpath)
        config.stash[_STORED] = Stored(store, store.load())
    return config.stash[_STORED]
