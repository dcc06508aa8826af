"""A run that is to be replayed: its trace, and what of it is still there."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_markersteal import options
from pytest_markersteal.core.precedence import Played, order_of
from pytest_markersteal.core.replay import Replay
from pytest_markersteal.distribution.tracing import SEEDS
from pytest_markersteal.trace import folder
from pytest_markersteal.trace.format import TraceError
from pytest_markersteal.trace.model import Trace
from pytest_markersteal.trace.played import met_on_hosts, played
from pytest_markersteal.trace.reader import read


@dataclass(frozen=True, slots=True)
class Matched:
    """What of a run there is to replay: ``played``, by the numbers that tests have now.

    By node id: ``gone`` ran then and is not collected now; ``new`` is collected now, and was not
    then; ``never_ran`` was collected both times, and did not run then.
    """

    played: list[Played]
    gone: list[str]
    new: list[str]
    never_ran: list[str]


class Replaying:
    """The run to replay, or, with a ``slot``, what that slot ran of it."""

    def __init__(self, path: Path, trace: Trace, slot: int | None, seed: str | None) -> None:
        self.path = path
        self.trace = trace
        self.slot = slot
        self.seed = seed
        """What makes this session shuffle as that one did, if nothing does it yet."""
        self.matched: Matched | None = None
        """Known once this session has collected."""

    @property
    def slots(self) -> int:
        """How many the run had."""
        return _slots_of(self.trace)

    def match(self, ids: Sequence[str]) -> Matched:
        """Find the tests of the trace among ``ids``; ``UsageError`` if there is none of them."""
        trace = self.trace
        left: dict[str, list[int]] = {}
        for number in reversed(range(len(ids))):
            left.setdefault(ids[number], []).append(number)
        # A node id may occur more than once; its occurrences are paired in order.
        number_of = {
            test: left[node_id].pop() for test, node_id in enumerate(trace.ids) if left.get(node_id)
        }
        own = [run for run in trace.tests if self.slot in (None, trace.slot(run))]
        ran = {run.test for run in own}
        found = [
            run for run in played(trace, number_of) if self.slot is None or run.slot == self.slot
        ]
        gone = [trace.ids[test] for test in sorted(ran) if test not in number_of]
        ran_at_all = {run.test for run in trace.tests}
        never_ran = [trace.ids[test] for test in sorted(number_of) if test not in ran_at_all]
        new = [ids[number] for number in sorted(n for some in left.values() for n in some)]
        self.matched = Matched(found, gone, new, never_ran)
        if not found:
            raise pytest.UsageError(
                f"{options.REPLAY_OPTION}: none of the {len(ran)} tests of {self.path} is "
                f"collected here, for example not {gone[0]}; give the same paths and options as "
                f"that run: {shlex.join(['pytest', *trace.head.arguments])}"
            )
        return self.matched

    def replay(self, ids: Sequence[str]) -> Replay:
        """The core of a run that does with ``ids`` what the trace tells; raises as ``match``."""
        return Replay(order_of(self.match(ids).played))


REPLAYING = pytest.StashKey[Replaying]()
"""What is to be replayed in this process or by its workers."""


def prepare(config: pytest.Config, asked: options.Replay) -> None:
    """Read the trace and choose the workers for it, in place of -n and --dist.

    To be called before xdist looks at its options. ``UsageError`` if it can't be replayed.
    """
    trace = _read(config, asked.path)
    own = sorted({trace.slot(run) for run in trace.tests})
    if asked.slot is None:
        _check_hosts(asked.path, trace)
        _choose_workers(config, _slots_of(trace))
    else:
        if asked.slot not in own:
            raise pytest.UsageError(
                f"{options.SLOT_OPTION}: nothing ran on a slot {asked.slot} in {asked.path}; "
                f"its slots are {', '.join(map(str, own))}"
            )
        config.option.numprocesses = 0
    seed = _pass_on_seed(config, trace.head.seed)
    config.stash[REPLAYING] = Replaying(asked.path, trace, asked.slot, seed)


def _read(config: pytest.Config, path: Path) -> Trace:
    try:
        trace = read(path)
    except OSError as error:
        here = folder.traces(config.rootpath)
        instead = (
            f"the newest trace of runs here is {here[-1]}"
            if here
            else (f"runs with --dist {options.DIST_NAME} leave their traces in {folder.FOLDER}")
        )
        raise pytest.UsageError(
            f"{options.REPLAY_OPTION}: {path}: {error.strerror or error}; {instead}"
        ) from error
    except TraceError as error:
        raise pytest.UsageError(
            f"{options.REPLAY_OPTION}: {path} can't be replayed: {error}; give a trace that this "
            f"version of pytest-markersteal wrote, whole, as it is in {folder.FOLDER}"
        ) from error
    if not trace.tests:
        raise pytest.UsageError(
            f"{options.REPLAY_OPTION}: {path} can't be replayed: no test ran in that run"
        )
    return trace


def _slots_of(trace: Trace) -> int:
    return max(trace.head.slots, *(worker.slot + 1 for worker in trace.workers))


def _check_hosts(path: Path, trace: Trace) -> None:
    """A replay is on this machine, where keys per host are there once."""
    met = met_on_hosts(trace)
    if met is not None:
        one, other, key = met
        raise pytest.UsageError(
            f"{options.REPLAY_OPTION}: {path} can't be replayed on one host: "
            f"{trace.ids[one.test]} and {trace.ids[other.test]} used key {key!r} at the same time, "
            f"on different ones; run the tests of one slot with {options.SLOT_OPTION}"
        )


def _choose_workers(config: pytest.Config, slots: int) -> None:
    """Set what xdist looks at; what contradicts it is an error, unless it is no number."""
    if not hasattr(config.option, "numprocesses"):
        raise pytest.UsageError(
            f"{options.REPLAY_OPTION} needs pytest-xdist, which is off; leave out -p no:xdist, or "
            f"run the tests of one slot with {options.SLOT_OPTION}"
        )
    workers = config.getoption("numprocesses")
    if workers is not None and workers != slots and workers not in ("auto", "logical"):
        raise pytest.UsageError(
            f"{options.REPLAY_OPTION}: the run had {slots} slots, which -n {workers} contradicts; "
            f"leave out -n, or give -n {slots} where the ini file has another. To run the tests of "
            f"one slot in this process, add {options.SLOT_OPTION}"
        )
    if config.getoption("usepdb"):
        raise pytest.UsageError(
            f"--pdb can't be used with {slots} workers; run the tests of one slot in this process "
            f"with {options.SLOT_OPTION}, for example {options.SLOT_OPTION} 0"
        )
    config.option.numprocesses = slots
    config.option.maxprocesses = None
    config.option.dist = options.DIST_NAME
    config.option.distload = False  # -d: it would win over --dist.


def _pass_on_seed(config: pytest.Config, seed: str | None) -> str | None:
    """Make the plugin that shuffles use ``seed``; the seed if there is no such plugin."""
    if seed is None:
        return None
    for option in SEEDS:
        present = getattr(config.option, option, None)
        if present is not None:
            # As the option's own type would have it: pytest-randomly's is a number.
            value = int(seed) if option == SEEDS[0] and seed.isdecimal() else seed
            setattr(config.option, option, value)
            return None
    return seed
