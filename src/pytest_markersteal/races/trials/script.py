"""Orders to run tests in, written down as traces, which ``--markersteal-replay`` runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.trace import records
from pytest_markersteal.trace.format import encoder

_STEP_US = 1_000_000
"""Tests of one step, one on each slot, start together; how long a step is does not matter."""


def write_script(
    path: Path,
    slots: Sequence[Sequence[str]],
    times: Mapping[str, tuple[float, float]] | None = None,
) -> None:
    """Write a trace in which each of ``slots`` ran the tests with these node ids, in this order.

    A replay lets the first tests of all slots start together, when all of them are over the second
    ones, and so on; or, with ``times`` of their starts and ends, in seconds, in the order of these.
    A test may be there once. ``ValueError`` if one is there twice.
    """
    ids = [node_id for slot in slots for node_id in slot]
    number_of = {node_id: number for number, node_id in enumerate(ids)}
    if len(number_of) < len(ids):
        twice = sorted({node_id for node_id in ids if ids.count(node_id) > 1})
        raise ValueError(f"a script has each test once, but {twice[0]} more than once")
    written: list[records.Record] = [
        records.Head(
            records.FORMAT,
            records.VERSION,
            datetime.now().astimezone().isoformat(timespec="seconds"),
            [],
            "",
            len(slots),
            os.cpu_count() or 1,
            "",
            None,
            {},
        ),
        records.Tests(ids, [Demand().fields()], [0] * len(ids), {}, [-1] * len(ids)),
    ]
    written += [records.Worker(f"gw{slot}", slot, 0, 0, 0, 0) for slot in range(len(slots))]
    latest_us = 0
    for slot, tests in enumerate(slots):
        for step, node_id in enumerate(tests):
            if times:
                since_us, until_us = (round(at_s * 1e6) for at_s in times[node_id])
            else:
                since_us = step * _STEP_US
                until_us = since_us + _STEP_US - 1
            latest_us = max(latest_us, until_us)
            written.append(_finished(number_of[node_id], slot, since_us, until_us))
    written.append(records.End(latest_us, 0, None))
    path.write_bytes(b"".join(map(encoder(), written)))


def _finished(test: int, worker: int, since_us: int, until_us: int) -> records.Finished:
    return records.Finished(test, worker, since_us, until_us, 0, 0, 0, [], [], [], False)
