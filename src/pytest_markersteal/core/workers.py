"""What the scheduler knows of one worker."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from pytest_markersteal.core.jobs import Job
from pytest_markersteal.core.messages import WorkerId
from pytest_markersteal.core.suite import Claim, Mode


@dataclass(slots=True, eq=False)
class Worker:
    """A worker as the scheduler sees it; what is on the wire may be ahead of it."""

    name: WorkerId
    round_trip_s: float = 0.0
    """What a message to it and its answer take at least."""
    lengthened: float = 1.0
    """By how much its stretches are longer, since it ran dry."""
    running: int | None = None
    queue: deque[int] = field(default_factory=deque)
    """Committed tests that have not started."""
    job: Job | None = None
    """Where its next tests come from."""
    last: int | None = None
    """The test that it started last, whose shared fixtures it may still have set up."""
    started_s: float = 0.0
    """When it started that test."""
    entry_s: float = 0.0
    """What it was predicted to set up for the test that it started last."""
    sent: int = 0
    refill_at: int = 0
    """Commit more when no more than this many tests are queued: half of what was, at the last."""
    parked: bool = True
    """Whether it has nothing set up, though tests may be on their way to it."""
    parking: bool = False
    """Whether it was told to park and has not done so yet."""
    hungry: bool = False
    """Whether it waits for an answer to ``Hungry``."""
    recalling: bool = False
    """Whether a ``Recall`` is unanswered."""
    leases: Counter[str] = field(default_factory=Counter)
    """For each key that it holds, how many of its committed and running tests need it."""

    used: dict[str, int] = field(default_factory=dict)
    """For each key, how many of its instances those tests wrote to whose fixtures may be up."""

    @property
    def at_rest(self) -> bool:
        """Whether it has nothing to do once it has finished its present test, if any."""
        return (self.parked or self.hungry) and not self.queue and not self.recalling

    def need(self, claims: Iterable[Claim], sign: int) -> None:
        """Count the claims of one test in or out."""
        for claim in claims:
            self.leases[claim.key] += sign

    def use(self, claims: Iterable[Claim]) -> None:
        """A test with ``claims`` started."""
        for claim in claims:
            if claim.mode is Mode.WRITE:
                self.used[claim.key] = max(claim.units, self.used.get(claim.key, 0))

    def idle_leases(self) -> list[str]:
        """Keys that it holds for no test and no job of its own; their fixtures may still be up."""
        if not self.leases:
            return []
        wanted = {claim.key for claim in self.job.lane.claims} if self.job else set()
        return [key for key, count in self.leases.items() if not count and key not in wanted]
