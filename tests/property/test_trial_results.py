"""What a trial says is written by a process in which tests do anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgpack
from hypothesis import given
from hypothesis import strategies as st

from pytest_markersteal.races.trials.gathering import Gathering
from pytest_markersteal.races.trials.results import (
    FORMAT,
    VERSION,
    Head,
    ResultsError,
    ResultsReader,
    encoded,
)

FIELDS = st.lists(
    st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, -1, "a", "", ["a"], [1], None]), max_size=8)
)


@given(st.binary(max_size=80) | FIELDS.map(lambda records: b"".join(map(msgpack.packb, records))))
def test_anything_after_the_head(tmp_path_factory: Any, data: bytes) -> None:
    """It is read and put together, or refused as what it is; nothing else happens."""
    path: Path = tmp_path_factory.mktemp("trial") / "results"
    path.write_bytes(encoded(Head(FORMAT, VERSION)) + data)
    gathering = Gathering()
    try:
        for result in ResultsReader(path).more():
            gathering.take(result)
    except ResultsError:
        return
    assert gathering.rounds(hung=False)
