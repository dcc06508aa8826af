"""The tests of a run as columns that the browser gets: arrays, and numbers in lists of words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pytest_markersteal.core.suite import Demand, KeyScope, Mode
from pytest_markersteal.report.page.colours import SHADES, in_turns
from pytest_markersteal.trace.model import CRASHED, RUNNING, TestRun, Trace
from pytest_markersteal.trace.names import OUTCOMES

Column: TypeAlias = "NDArray[Any] | list[str]"

ALL_OUTCOMES = (*OUTCOMES, CRASHED, RUNNING)
BAD_OUTCOMES = ("error", "failed", CRASHED)
_SHADE_OF_OUTCOME = (3, 1, 7, 5, 2, 0, 4, 6)
"""Most tests pass, in a shade between light and dark; what failed is darker, the others lighter."""
NO_CLAIM = "none"

_LOW, _HIGH = 0.72, 0.84
"""Of bars, as parts of the distance between slots."""

SKETCH = 10
"""While somebody zooms or pans, one of so many tests is drawn."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the numbers in columns stand for, for all runs on a page.

    ``claims`` begin with those that have a shade of their own.
    """

    modules: list[str]
    claims: list[str]


def words_of(traces: Iterable[Trace]) -> Words:
    """Modules in the order of the suite, and claims, those of most tests first."""
    modules: dict[str, None] = {}
    claims: Counter[str] = Counter()
    for trace in traces:
        modules.update(dict.fromkeys(node_id.partition("::")[0] for node_id in trace.ids))
        claims.update(claim_label(trace.demand(run.test)) for run in trace.tests)
    claims.pop(NO_CLAIM, None)
    return Words(list(modules), [NO_CLAIM, *(claim for claim, _ in claims.most_common())])


def columns_of(trace: Trace, words: Words) -> dict[str, Column]:
    """One row for each test that ran, in an order that is good for drawing.

    Times are seconds since the session began, ``took_s`` and ``predicted_s`` seconds, the latter
    NaN where nothing was known.
    """
    runs = _long_ones_first_in_each_sketch(trace.tests)
    parts = [trace.ids[run.test].partition("::") for run in runs]
    module = _numbers((file for file, _, _ in parts), words.modules)
    claim = _numbers((claim_label(trace.demand(run.test)) for run in runs), words.claims)
    outcome = np.array([ALL_OUTCOMES.index(run.outcome) for run in runs], np.uint8)
    predicted_s = [trace.predicted_s[run.test] for run in runs]
    return {
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
        "by_outcome": np.array(_SHADE_OF_OUTCOME, np.uint8)[outcome],
        "by_claim": np.minimum(claim, SHADES - 1).astype(np.uint8),
    }


def claim_label(demand: Demand) -> str:
    """What a test claims, in a few words."""
    words = []
    for claim in demand.claims:
        how = " (read)" if claim.mode is Mode.READ else ""
        units = f" ({claim.units} units)" if claim.units > 1 else ""
        where = " (per host)" if claim.scope is KeyScope.HOST else ""
        words.append(f"{claim.key}{units}{how}{where}")
    words += ["serial"] if demand.serial else []
    words += ["no_parallel"] if demand.exclusive else []
    words += [f"group {demand.group}"] if demand.group is not None else []
    return ", ".join(words) or NO_CLAIM


def _numbers(of: Iterable[str], words: Sequence[str]) -> NDArray[np.int32]:
    """The place of each among ``words``."""
    places = {word: number for number, word in enumerate(words)}
    return np.array([places[word] for word in of], np.int32)


def _heights(trace: Trace, runs: Sequence[TestRun]) -> NDArray[np.float32]:
    """Neighbours differ, so that they can be told apart without colours and without lines."""
    height_of: dict[int, float] = {}
    last: dict[int, float] = {}
    for run in trace.tests:
        slot = trace.slot(run)
        last[slot] = height_of[id(run)] = _LOW if last.get(slot) == _HIGH else _HIGH
    return np.array([height_of[id(run)] for run in runs], np.float32)


def _long_ones_first_in_each_sketch(runs: Sequence[TestRun]) -> list[TestRun]:
    """Every tenth of them is one of the longest tenth: those are drawn while one zooms."""
    by_length = sorted(runs, key=lambda run: -run.span.seconds)
    stride = -(-len(runs) // SKETCH)
    return [by_length[at] for start in range(stride) for at in range(start, len(runs), stride)]
