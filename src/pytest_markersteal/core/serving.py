"""Who is given tests next: workers at rest as soon as there is work, others before they run dry."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_markersteal.core.dealer import Dealer
from pytest_markersteal.core.messages import Park, WorkerId
from pytest_markersteal.core.solitude import Solitude
from pytest_markersteal.core.stranded import Stranded
from pytest_markersteal.core.suite import DEDICATED
from pytest_markersteal.core.workers import Worker

LOOKS_AT_ONCE = 8
"""For up to this many workers, every event is a reason to look for something worth sharing."""


class Serving:
    """Has ``dealer`` commit tests to the workers whose turn it is, until it is ``over``."""

    def __init__(
        self,
        dealer: Dealer,
        solitude: Solitude,
        stranded: Stranded,
        workers: Mapping[WorkerId, Worker],
    ) -> None:
        """``workers`` are all that are there."""
        self._dealer = dealer
        self._resting = dealer.resting
        self._solitude = solitude
        self._stranded = stranded
        self._workers = workers
        self._not_looked_at = 0
        self.over = False
        self.dedicated: Worker | None = None
        """The worker of the ``serial`` and ``no_parallel`` tests."""

    @property
    def waits_for_time(self) -> bool:
        """Whether a worker rests while tests lie behind one that runs.

        To move them may pay as soon as that one has run for longer.
        """
        if self.over or not self._resting or self._solitude.is_on:
            return False
        return any(
            worker.running is not None and (worker.queue or (worker.job and worker.job.tests))
            for worker in self._workers.values()
        )

    def elect(self, worker: Worker) -> None:
        """Make ``worker`` the dedicated one."""
        self.dedicated = worker
        self._dealer.pool.pin(DEDICATED, worker.name)

    def look_again(self) -> None:
        """What a worker has left may have become worth sharing.

        To look takes as long as there are workers, so with many of them not every event is a
        reason to.
        """
        self._not_looked_at += 1
        if self._resting and self._not_looked_at * LOOKS_AT_ONCE >= len(self._workers):
            self._not_looked_at = 0
            self.serve(limit=1)

    def serve(self, limit: int | None = None) -> None:
        """Feed workers at rest, at most ``limit`` of them, as far as there is work.

        Those of a host are all alike, but for what only one of them may run: where one finds
        nothing, only the owners of such tests are still looked at.
        """
        if self.over:
            return
        if self._dealer.quarantine.is_uneven:
            # What can still run where depends on who is there, and on whose tests these are.
            self._stranded.give_up()
        self._solitude.change()
        hosts = self._dealer.hosts
        done: set[str] = set()
        for worker in list(self._resting.values()):
            if limit == 0:
                return
            if (host := hosts.of(worker.name)) in done:
                continue
            if self._feed(worker):
                limit = None if limit is None else limit - 1
                continue
            done.add(host)
            if len(done) == hosts.manned:
                break
        for name in self._dealer.pool.owners():
            if name in self._resting:
                self._feed(self._resting[name])
        alone = self._solitude.is_on
        if alone and self.dedicated and self.dedicated.name in self._resting:
            self._feed(self.dedicated)

    def answer(self, worker: Worker) -> bool:
        """Answer a hungry worker: at once, because it may hold a key until it is answered."""
        if self._feed(worker):
            return True
        worker.hungry = False
        worker.parking = True
        self._dealer.out.append(Park(worker.name))
        return False

    def top_up(self, worker: Worker) -> None:
        """Commit more to a working worker, so that tests much shorter than a round trip flow."""
        if self.over or worker.running is None or len(worker.queue) > worker.refill_at:
            return
        if worker.recalling or worker.parking or worker.hungry:
            return
        if self._solitude.is_on:
            self._solitude.feed(worker)
        elif not self._dealer.is_in_the_way(worker):
            self._dealer.commit(worker)

    def _feed(self, worker: Worker) -> bool:
        """Commit tests to a worker at rest; whether there were any."""
        if self._solitude.is_on:
            return worker is self.dedicated and self._solitude.feed(worker)
        if worker.hungry and self._dealer.is_in_the_way(worker):
            return False
        return self._dealer.commit(worker)
