"""xdist's scheduler protocol on one side, the core on the other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from pytest_markersteal.core import messages
from pytest_markersteal.core.scheduler import Scheduler
from pytest_markersteal.core.suite import Suite
from pytest_markersteal.distribution import protocol
from pytest_markersteal.distribution.checking import Checking, CheckResult
from pytest_markersteal.distribution.collection import Numbering, difference, other_marks
from pytest_markersteal.distribution.gateways import GivenUp
from pytest_markersteal.distribution.input import estimates_from, novelty_from, suite_from
from pytest_markersteal.distribution.link import Call, Link, worker_name
from pytest_markersteal.distribution.outgoing import message_of
from pytest_markersteal.distribution.places import setups_of
from pytest_markersteal.distribution.progress_line import TimeLeft
from pytest_markersteal.distribution.slots import slot_of
from pytest_markersteal.distribution.timings import Timings
from pytest_markersteal.distribution.tracing import Tracing
from pytest_markersteal.distribution.transport import PAUSE_S
from pytest_markersteal.distribution.tx import machine_of
from pytest_markersteal.durations.history import History
from pytest_markersteal.markers import refuse
from pytest_markersteal.options import capacities

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

    from pytest_markersteal.core.replay import Replay
    from pytest_markersteal.distribution.replaying import Replaying

_KEYBOARD_INTERRUPT_STATUS = 2
"""The exit status with which xdist's worker tells of an interrupt."""

LEAST_STRETCH_S = 3 * PAUSE_S
"""Workers tell of the start of a test up to ``PAUSE_S`` late, and must not run dry meanwhile."""


class MarkerStealScheduling:
    """The scheduler that xdist's session drives: see ``xdist.scheduler.protocol``."""

    def __init__(
        self,
        session: pytest.Session,
        links: dict[Any, Link],
        slots: int,
        history: History,
        tracing: Tracing,
        replaying: Replaying | None = None,
    ) -> None:
        """Schedule for ``slots`` workers, or have them replay another run.

        They speak through ``links``: by node, one for each worker that was started. What they do
        goes into ``tracing``.
        """
        # Some plugins ask the scheduler for it, among them pytest-rerunfailures.
        self.config = session.config
        self._session = session
        self._links = links
        self._slots = slots
        self._history = history
        self._tracing = tracing
        self._replaying = replaying
        self._nodes: list[WorkerController] = []
        self._collections: dict[WorkerController, Sequence[str]] = {}
        self._numberings: dict[WorkerController, Numbering] = {}
        self._core: Scheduler | Replay | None = None
        self._refused: set[WorkerController] = set()
        self._lost: set[int] = set()
        self._failed = False
        self._closed = False
        self._last_crash: int | None = None
        self.checking = Checking(self.config, tracing, self._tell_of_check)
        self._outgoing: list[messages.Command] = []
        self._cut_off: list[int] = []
        self._began_s: float | None = None
        # xdist's session: ``shouldstop``, and the methods that its loop calls for each event.
        self._dsession: Any = self.config.pluginmanager.getplugin("dsession")
        self.ids: Sequence[str] = ()
        self.suite: Suite | None = None
        self.timings = Timings(0)
        self.known = 0
        self.hosts = 1
        self.collecting_cpu_s = (0.0, 0.0)
        self.deselected = 0
        self.wall_s = 0.0
        self.closed_early: str | None = None

    # What xdist asks

    @property
    def nodes(self) -> list[WorkerController]:
        """The workers that are up."""
        return list(self._nodes)

    @property
    def collection_is_completed(self) -> bool:
        """Whether all workers that were started, and are still there, have collected."""
        return self._core is not None or 0 < len(self._links) <= len(self._collections)

    @property
    def has_pending(self) -> bool:
        """Whether tests are being given out."""
        return self._core is not None and not self._core.finished

    @property
    def is_over(self) -> bool:
        """Whether no further test is to start."""
        return self._closed or (self._core is not None and self._core.finished)

    @property
    def tests_finished(self) -> bool:
        """Whether all is done.

        xdist asks after every event, so this is also where a stop is noticed, before commands go
        out that it makes pointless.
        """
        if self._failed:
            return True
        if self._core is None and self._collections and self.collection_is_completed:
            self.schedule()  # The last one to collect left instead.
        if self._core is None:
            return self._failed or not self._links
        self._notice_stop()
        self._notice_lost_slots()
        finished, stranded = self._core.finished, self._is_stranded()
        if finished or stranded:
            self._close(None if finished else self._why_stranded())
        self._send()
        return finished or stranded

    # What xdist tells

    def add_node(self, node: WorkerController) -> None:
        """A worker is up and collects."""
        self._nodes.append(node)

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        """A worker has collected; one that comes late joins the run at once."""
        self.ids = self.ids or collection
        if self._core is not None:
            self._join_late(node, collection)
        else:
            self._collections[node] = collection

    def schedule(self) -> None:
        """Begin, once all initial workers have collected."""
        if self._core is not None or self._failed:
            return
        # In the order in which they were started, not in that in which they happen to be ready.
        first, *others = [node for node in self._links if node in self._collections]
        self.ids = self._collections[first]
        catalogs = {first: self._links[first].take_catalog(len(self.ids))}
        catalog = catalogs[first]
        refuse(catalog.problems)
        self.suite = suite_from(self.ids, catalog, capacities(self.config))
        for node in others:
            collection = self._collections[node]
            catalogs[node] = self._links[node].take_catalog(len(collection))
            problem = self._difference(node, collection, catalogs[node], worker_name(first))
            if problem:
                self._failed = True
                self.closed_early = "the workers collected different tests"
                self._report_collection_problem(node, problem)
        if self._failed:
            return
        self.hosts = len({one.host for one in catalogs.values()})
        self.deselected = catalog.deselected
        self.collecting_cpu_s = (catalog.ready_cpu_s, catalog.collected_cpu_s)
        self.timings = Timings(len(self.ids))
        estimates = estimates_from(self.ids, self.suite, self._history)
        self.known = estimates.known
        if self._replaying is None:
            checks = self.checking.checks
            self._core = Scheduler(
                self.suite,
                estimates,
                self._slots,
                LEAST_STRETCH_S,
                hosts=self.hosts,
                checks=checks,
                novelty=novelty_from(self.config, self.ids),
            )
        else:
            from pytest_markersteal.core.precedence import order_of
            from pytest_markersteal.core.replay import Replay

            self._core = Replay(order_of(self._replaying.match(self.ids).played))
        self._tracing.tests(self.ids, self.suite, estimates)
        self._began_s = time.perf_counter()
        for node in (first, *others):
            self._join(node, self._collections.pop(node), catalogs[node])

    def mark_test_complete(
        self, node: WorkerController, item_index: int, duration: float = 0
    ) -> None:
        """Never called: the workers of this scheduler tell it by steps."""
        raise AssertionError(f"{worker_name(node)} does not run pytest-markersteal's loop")

    def remove_pending_tests_from_node(
        self,
        node: WorkerController,
        indices: Sequence[int]
        | list[Call]
        | protocol.Message
        | protocol.ProtocolError
        | CheckResult
        | GivenUp,
    ) -> None:
        """Take in what a worker sent: see ``Link`` for why it comes this way, as others do."""
        if isinstance(indices, CheckResult):
            self._take_check(indices)
            return
        if isinstance(indices, GivenUp):
            self._dsession.report_line(f"\n{indices.why}: given up")
            return
        if isinstance(indices, list):
            for event, arguments in indices:
                getattr(self._dsession, f"worker_{event}")(**arguments)
                self._notice_stop()
            return
        if isinstance(indices, protocol.ProtocolError):
            # Something that it said is lost, so nothing that it does can be relied on.
            raise protocol.ProtocolError(f"worker {worker_name(node)}: {indices}") from indices
        numbering = self._numberings.get(node)
        if numbering is None or node not in self._nodes:
            return  # From a worker that is already given up.
        name = worker_name(node)
        match indices:
            case protocol.Step():
                self._take_step(node, numbering, indices)
            case protocol.Pong():
                self._tell(messages.RoundTrip(name, self._links[node].round_trip_s))
            case protocol.Hungry(received):
                self._tell(messages.Hungry(name, received))
            case protocol.Recalled(tests):
                own = tuple(map(numbering.to_run, tests))
                self._tell(messages.Recalled(name, own))
            case _:
                raise protocol.ProtocolError(f"{name} sent {indices!r}, which is for workers")

    def remove_node(self, node: WorkerController) -> str | None:
        """A worker is gone; the node id of the test that it was running, if it crashed."""
        link = self._links.pop(node, None)
        if link is not None:
            # xdist also gives up workers that live: what this one has not started is not its any
            # more. The answer is ignored.
            link.send(protocol.Recall())
        self._refused.discard(node)
        if node not in self._nodes:
            raise KeyError(node)  # xdist knows what that means.
        # xdist starts a replacement before it asks again whether the run is to stop.
        self._notice_stop()
        self._nodes.remove(node)
        self._collections.pop(node, None)
        if self._core is None or self._numberings.pop(node, None) is None:
            return None
        name = worker_name(node)
        running = self._core.running(name)
        self._tracing.left(name, running)
        self._last_crash = running
        if running is not None and _left_in_order(node):
            # It ended its session in the middle of a test, as pytest.exit() does.
            self._cut_off.append(running)
            said = self._dsession.shouldstop
            self._dsession.shouldstop = said or f"{name} left during {self.ids[running]}"
            self._notice_stop()
            running = None
        self._tell(messages.WorkerLeft(name))
        if isinstance(self._core, Scheduler):
            where = "" if running is None else f" in {self.ids[running]}"
            self.checking.look(self._core.isolated, f"{name} died{where}")
        return None if running is None else self.ids[running]

    def mark_test_pending(self, item: str) -> None:
        """Run a test that crashed once more."""
        assert self._core is not None
        number = self._last_crash
        if number is None or self.ids[number] != item:
            number = self.ids.index(item)
        if number not in self._core.unfinished:  # Else another plugin has asked for it already.
            self._tell(messages.Requeued(number))

    def time_left(self) -> TimeLeft | None:
        """How long the rest will take, while tests are being given out; not told of a replay."""
        if not isinstance(self._core, Scheduler) or self._closed:
            return None
        seconds = self._core.time_left_s(time.perf_counter())
        return TimeLeft(seconds, is_guess=2 * self.known < len(self.ids))

    # Afterwards

    def why_not_run(self) -> str | None:
        """Why there are unfinished tests, if there are."""
        given_up = self._core.given_up if isinstance(self._core, Scheduler) else {}
        reasons = [self.closed_early or "", *self.checking.why_not_run(given_up)]
        said = "; ".join(filter(None, reasons))
        if said or not self.unfinished():
            return said or None
        return self._why_stranded()

    def unfinished(self) -> list[int]:
        """The tests that did not run to their end and did not crash a worker, ascending."""
        if self._core is None:
            return list(range(len(self.ids)))
        return sorted([*self._core.unfinished, *self._cut_off])

    # Inside

    def _take_step(self, node: WorkerController, numbering: Numbering, step: protocol.Step) -> None:
        name = worker_name(node)
        if step.finished is not None:
            number = numbering.to_run(step.finished)
            timing = protocol.timing_of(step.timing or [])
            self.timings.add(number, timing, machine_of(node.gateway.spec))
            ahead_s = self._links[node].ahead_s
            self._tracing.finished(name, number, timing, ahead_s, parked=step.parked)
            setups_s = setups_of(self.ids[number], timing.fixtures) if timing.fixtures else {}
            self._tell(messages.Finished(name, number, timing.wall_s, setups_s))
            self.wall_s = time.perf_counter() - (self._began_s or 0.0)
        if step.started is not None:
            test = numbering.to_run(step.started)
            self._tracing.started(name, test)
            self._tell(messages.Started(name, test))
        elif step.parked:
            self._tell(messages.Parked(name))

    def _tell_of_check(self, result: CheckResult) -> None:
        """Bring ``result`` before the scheduler: from a thread, the way that messages come."""
        self._dsession.queue.put(("unscheduled", {"node": None, "indices": result}))

    def _take_check(self, result: CheckResult) -> None:
        if not self._closed:
            assert isinstance(self._core, Scheduler)
            key, number, host = result.instance
            self._tell(messages.Checked(key, number, result.finding.healthy, host))
            is_back = result.instance not in self._core.isolated
            self.checking.checked(result, is_back=is_back)

    def _tell(self, event: messages.Event) -> None:
        assert self._core is not None
        self._outgoing += self._core.handle(event, time.perf_counter())

    def _send(self) -> None:
        """Send what the core wants its workers to be told."""
        if not self._outgoing:
            return
        commands, self._outgoing = self._outgoing, []
        self._tracing.told(commands)
        nodes = {worker_name(node): node for node in self._numberings if node in self._links}
        for command in commands:
            node = nodes.get(command.worker)
            if node is None:
                continue  # It is gone.
            self._links[node].send(message_of(command, self._numberings[node]))

    def _close(self, why: str | None) -> None:
        if not self._closed:
            self._closed = True
            self.timings.stop()
            self.closed_early = why
            self._outgoing = [c for c in self._outgoing if not isinstance(c, messages.Run)]
            self._tell(messages.Closed())

    def _notice_stop(self) -> None:
        """Stop the workers if the session is to stop, and let xdist know of a crash under -x."""
        session = self._dsession
        # xdist counts failures that workers report, pytest also those of crashed workers.
        if not session.shouldstop and self._session.shouldfail:
            session.shouldstop = self._session.shouldfail
        if session.shouldstop and self._core is not None:
            self._close(str(session.shouldstop))
            self._send()

    def _notice_lost_slots(self) -> None:
        """xdist has no restarts left, or what it started is of no use."""
        if len(self._links) - len(self._refused) + len(self._lost) < self._slots:
            manned = {slot_of(node.gateway.spec) for node in self._links.keys() - self._refused}
            for slot in set(range(self._slots)) - manned - self._lost:
                self._lost.add(slot)
                self._tell(messages.SlotLost(slot))

    def _is_stranded(self) -> bool:
        """Whether no worker is there, or on its way, that could run anything."""
        return len(self._links) == len(self._refused)

    def _why_stranded(self) -> str:
        # What xdist prints when it replaces workers no more.
        limit = getattr(self._dsession, "_summary_report", None)
        if limit:
            return f"no worker was left: {limit}"
        return "no worker was left" if self._is_stranded() else "the run ended early"

    def _join(
        self, node: WorkerController, collection: Sequence[str], catalog: protocol.Catalog
    ) -> None:
        self._numberings[node] = Numbering(self.ids, collection)
        link, name = self._links[node], worker_name(node)
        link.send(protocol.Adopt())
        slot = slot_of(node.gateway.spec)
        self._tracing.joined(name, slot, catalog, link.ahead_s)
        self._tell(
            messages.WorkerJoined(name, slot, host=catalog.host, round_trip_s=link.round_trip_s)
        )

    def _join_late(self, node: WorkerController, collection: Sequence[str]) -> None:
        catalog = self._links[node].take_catalog(len(collection))
        problem = self._difference(node, collection, catalog, "the first worker")
        if problem:
            self._report_collection_problem(node, problem)
            self._links[node].send(protocol.Stop())
            self._refused.add(node)
        else:
            self._join(node, collection, catalog)

    def _difference(
        self,
        node: WorkerController,
        collection: Sequence[str],
        catalog: protocol.Catalog,
        against: str,
    ) -> str | None:
        assert self.suite is not None
        names = against, worker_name(node)
        return difference(self.ids, collection, *names) or other_marks(
            self.ids, self.suite, collection, catalog, *names
        )

    def _report_collection_problem(self, node: WorkerController, problem: str) -> None:
        report = pytest.CollectReport(
            nodeid=worker_name(node), outcome="failed", longrepr=problem, result=[]
        )
        self.config.hook.pytest_collectreport(report=report)


def _left_in_order(node: WorkerController) -> bool:
    """Whether the worker ended its session, rather than its process or the user's patience."""
    output = getattr(node, "workeroutput", None)
    return output is not None and output["exitstatus"] != _KEYBOARD_INTERRUPT_STATUS
