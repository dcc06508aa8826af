"""The durations file of a session, which is read once, by whoever needs it first."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from pytest_markersteal import options
from pytest_markersteal.durations.history import History
from pytest_markersteal.durations.store import Store


class Stored(NamedTuple):
    """Where to save, and what was in the durations file."""

    store: Store
    history: History


_STORED = pytest.StashKey[Stored]()


def stored(config: pytest.Config) -> Stored:
    """What is stored of earlier runs of this rootdir.

    A run of a shard is saved beside it: if it changed the file, the next shard in the same
    folder would be cut otherwise, and tests be lost.
    """
    if _STORED not in config.stash:
        store = Store(config.rootpath)
        config.stash[_STORED] = Stored(store, store.load())
        shard = options.shard(config)
        if shard is not None:
            own = f"{store.path.stem}-{shard.number}-of-{shard.total}{store.path.suffix}"
            store.path = store.path.with_name(own)
    return config.stash[_STORED]
