"""What there is to tell about a run when it is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_markersteal.core.floor import Limit


@dataclass(slots=True)
class RunRecord:
    """A run in figures. Times are seconds of wall clock, from the first test sent to the last end.

    ``limit_test`` is the node id of the test that ``limit`` names, if any; ``not_run`` the node ids
    of tests that did not run to their end, with ``why_not``.
    """

    tests: int
    workers: int
    wall_s: float
    floor_s: float | None = None
    limit: Limit | None = None
    limit_test: str | None = None
    known: int = 0
    not_run: list[str] = field(default_factory=list)
    why_not: str | None = None
    trouble: list[str] = field(default_factory=list)
