"""The tests of a run as columns that the browser gets: arrays, and numbers in lists of words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pytest_markersteal.core.suite import Demand, Mode
from pytest_markersteal.report.page.colours import SHADES, in_turns
from pytest_markersteal.trace.model import CRASHED, RUNNING, TestRun, Trace
from pytest_markersteal.trace.records import OUTCOMES

Column: TypeAlias = "NDArray[Any] | list[str]"

ALL_OUTCOMES = (*OUTCOMES, CRASHED, RUNNING)
BAD_OUTCOMES = ("error", "failed", CRASHED)
NO_CLAIM = "none"
OTHER_CLAIMS = "others"

SKETCH = 10
"""While somebody zooms or pans, one of so many tests is drawn."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the numbers in columns stand for."""

    modules: list[str]
    outcomes: list[str]
    claims: list[str]
    workers: list[str]


def columns_of(trace: Trace) -> tuple[dict[str, Column], Words]:
    """One row for each test that ran, in an order that is good for drawing.

    Times are seconds since the session began, ``took_s`` and ``predicted_s`` seconds, the latter
    NaN where nothing was known.
    """
    runs = _long_ones_first_in_each_sketch(trace.tests)
    parts = [trace.ids[run.test].partition("::") for run in runs]
    claims = [claim_label(trace.demand(run.test)) for run in runs]
    module, modules = _numbered(file for file, _, _ in parts)
    claim, claim_words = _numbered(claims)
    outcome = np.array([ALL_OUTCOMES.index(run.outcome) for run in runs], np.uint8)
    predicted_s = [trace.predicted_s[run.test] for run in runs]
    columns: dict[str, Column] = {
        "since_s": np.array([run.span.since_s for run in runs], np.float64),
        "until_s": np.array([run.span.until_s for run in runs], np.float64),
        "slot": np.array([trace.slot(run) for run in runs], np.int16),
        "height": _heights(trace, runs),
        "worker": np.array([run.worker for run in runs], np.int16),
        "name": [rest or file for file, _, rest in parts],
        "module": module,
        "claim": claim,
        "outcome": outcome,
        "took_s": np.array([run.own_s for run in runs], np.float32),
        "predicted_s": np.array(
            [np.nan if seconds is None else seconds for seconds in predicted_s], np.float32
        ),
        "by_module": in_turns(module),
        "by_outcome": outcome,
        "by_claim": _by_claim(claim, claim_words, Counter(claims)),
    }
    workers = [worker.name for worker in trace.workers]
    return columns, Words(modules, list(ALL_OUTCOMES), claim_words, workers)


def claim_label(demand: Demand) -> str:
    """What a test claims, in a few words."""
    words = []
    for claim in demand.claims:
        how = " (read)" if claim.mode is Mode.READ else ""
        units = f" ({claim.units} units)" if claim.units > 1 else ""
        words.append(f"{claim.key}{units}{how}")
    words += ["serial"] if demand.serial else []
    words += ["no_parallel"] if demand.exclusive else []
    words += [f"group {demand.group}"] if demand.group is not None else []
    return ", ".join(words) or NO_CLAIM


def own_claims(claims: Iterable[str]) -> list[str]:
    """The claims that have a shade of their own, the most frequent first; without ``NO_CLAIM``."""
    most = Counter(claim for claim in claims if claim != NO_CLAIM).most_common()
    return [claim for claim, _ in most[: SHADES - 2]]


def _by_claim(
    claim: NDArray[np.int32], words: Sequence[str], tests: Counter[str]
) -> NDArray[np.uint8]:
    """The shade of each test by what it claims: 0 for nothing, the last for rarer claims."""
    own = [NO_CLAIM, *own_claims(tests.elements())]
    shades = [own.index(word) if word in own else SHADES - 1 for word in words]
    return np.array(shades, np.uint8)[claim]


def _numbered(words: Iterable[str]) -> tuple[NDArray[np.int32], list[str]]:
    """Words as numbers, and what they stand for."""
    numbers: dict[str, int] = {}
    found = [numbers.setdefault(word, len(numbers)) for word in words]
    return np.array(found, np.int32), list(numbers)


def _heights(trace: Trace, runs: Sequence[TestRun]) -> NDArray[np.float32]:
    """Neighbours differ, so that they can be told apart without colours and without lines."""
    turn = {id(run): 0 for run in runs}
    last = [0] * (1 + max(worker.slot for worker in trace.workers))
    for run in trace.tests:
        slot = trace.slot(run)
        last[slot] = turn[id(run)] = 1 - last[slot]
    return np.array([(0.72, 0.84)[turn[id(run)]] for run in runs], np.float32)


def _long_ones_first_in_each_sketch(runs: Sequence[TestRun]) -> list[TestRun]:
    """Every tenth of them is one of the longest tenth: those are drawn while one zooms."""
    by_length = sorted(runs, key=lambda run: -run.span.seconds)
    stride = -(-len(runs) // SKETCH)
    return [by_length[at] for start in range(stride) for at in range(start, len(runs), stride)]
