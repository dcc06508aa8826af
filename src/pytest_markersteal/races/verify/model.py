"""What a verification saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

FORWARD = "forward"
AGAIN = "again"
REVERSE = "reverse"
ALONE = "alone"
TWICE = "twice"
COVER = "cover"
"""The kinds of runs: in the order of collection; once more in the same process; in reverse; each
test as the first of its process; a single test twice; and in an order of a pair cover."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A test failed, in a run of ``kind``, after the tests ``before`` it in its process.

    ``seen`` counts the runs in which it did, ``runs`` those that were made to see whether it does.
    """

    test: str
    kind: str
    before: Sequence[str]
    message: str
    seen: int
    runs: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """How many ordered pairs of modules there are, and ran next to each other earlier and now."""

    total: int
    earlier: int
    now: int


@dataclass(slots=True)
class Seen:
    """What came of all runs so far; ``ids`` in the order of collection."""

    ids: Sequence[str] = ()
    failures: dict[tuple[str, str], Failure] = field(default_factory=dict)
    """By test and kind; of pair covers the first."""
    alone: set[str] = field(default_factory=set)
    """The tests that have run alone."""
    ran: list[str] = field(default_factory=list)
    """The kinds of runs that there were."""
    not_covered: list[str] = field(default_factory=list)
    """What was left out, each in a few words."""
    pairs: Pairs | None = None
    """If they were looked at."""

    def failed(self, test: str, kind: str) -> bool:
        """Whether ``test`` failed in a run of ``kind``, each time that it was tried."""
        failure = self.failures.get((test, kind))
        return failure is not None and failure.seen == failure.runs
