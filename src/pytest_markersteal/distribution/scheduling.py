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
from pytest_markersteal.distribution.collection import Numbering, problem_of, report_problem
from pytest_markersteal.distribution.errands import Errand, Event, event_of
from pytest_markersteal.distribution.incoming import Incoming
from pytest_markersteal.distribution.input import estimates_from, scheduler_for, suite_from
from pytest_markersteal.distribution.link import Link, worker_name
from pytest_markersteal.distribution.outgoing import message_of
from pytest_markersteal.distribution.progress_line import TimeLeft
from pytest_markersteal.distribution.roster import Roster
from pytest_markersteal.distribution.slots import slot_of
from pytest_markersteal.distribution.ticking import Ticking
from pytest_markersteal.distribution.timings import Timings
from pytest_markersteal.distribution.tracing import Tracing
from pytest_markersteal.durations.history import History
from pytest_markersteal.markers import refuse
from pytest_markersteal.options import capacities

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

    from pytest_markersteal.core.replay import Replay
    from pytest_markersteal.distribution.replaying import Replaying

_KEYBOARD_INTERRUPT_STATUS = 2
"""The exit status with which xdist's worker tells of an interrupt."""


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
        self._roster = Roster(links, slots)
        self._history = history
        self._tracing = tracing
        self._replaying = replaying
        self._core: Scheduler | Replay | None = None
        self._incoming: Incoming | None = None
        self._failed = False
        self._closed = False
        self._last_crash: int | None = None
        self._again: set[int] = set()
        """Tests that are to run again once they have ended."""
        self.checking = Checking(self.config, tracing, self._tell_of_check)
        self._outgoing: list[messages.Command] = []
        self._cut_off: list[int] = []
        self._began_s: float | None = None
        # xdist's session: ``shouldstop``, and the methods that its loop calls for each event.
        self._dsession: Any = self.config.pluginmanager.getplugin("dsession")
        self._ticking = Ticking(self._put)
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
        return list(self._roster.up)

    @property
    def collection_is_completed(self) -> bool:
        """Whether all workers that were started, and are still there, have collected."""
        return self._core is not None or self._roster.has_collected

    @property
    def has_pending(self) -> bool:
        """Whether tests are being given out."""
        return self._core is not None and not self._core.finished

    @property
    def has_begun(self) -> bool:
        """Whether there are tests, and all agreed on them; who can't collect tells of none."""
        return self._core is not None and len(self.ids) > 0

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
        if self._core is None and self._roster.has_collected:
            self.schedule()  # The last one to collect left instead.
        if self._core is None:
            return self._failed or not self._links
        self._notice_stop()
        for slot in self._roster.newly_lost_slots():
            self._tell(messages.SlotLost(slot))
        finished, stranded = self._core.finished, self._roster.is_stranded
        if finished or stranded:
            self._close(None if finished else self._why_stranded())
        self._send()
        if isinstance(self._core, Scheduler) and self._core.waits_for_time:
            self._ticking.begin()
        return finished or stranded

    # What xdist tells

    def add_node(self, node: WorkerController) -> None:
        """A worker is up and collects."""
        self._roster.up.append(node)

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        """A worker has collected; one that comes late joins the run at once."""
        self.ids = self.ids or collection
        if self._core is not None:
            self._join_late(node, collection)
        else:
            self._roster.collections[node] = collection

    def schedule(self) -> None:
        """Begin, once all initial workers have collected."""
        if self._core is not None or self._failed:
            return
        first, *others = self._roster.collected()
        collections = self._roster.collections
        self.ids = collections[first]
        catalogs = {first: self._links[first].take_catalog(len(self.ids))}
        catalog = catalogs[first]
        refuse(catalog.problems)
        self.suite = suite_from(self.ids, catalog, capacities(self.config))
        for node in others:
            catalogs[node] = self._links[node].take_catalog(len(collections[node]))
            if not self._agrees(node, collections[node], catalogs[node], worker_name(first)):
                self._failed = True
                self.closed_early = "the workers collected different tests"
        if self._failed:
            return
        self.hosts = len({one.host for one in catalogs.values()})
        self.deselected = catalog.deselected
        self.collecting_cpu_s = (catalog.ready_cpu_s, catalog.collected_cpu_s)
        self.timings = Timings(len(self.ids))
        self._incoming = Incoming(self.ids, self.timings, self._tracing)
        estimates = estimates_from(self.ids, self.suite, self._history)
        self.known = estimates.known
        if self._replaying is None:
            self._core = scheduler_for(
                self.config,
                self.ids,
                self.suite,
                estimates,
                self._slots,
                hosts=self.hosts,
                checks=self.checking.checks,
            )
        else:
            self._core = self._replaying.replay(self.ids)
        self._tracing.tests(self.ids, self.suite, estimates)
        self._began_s = time.perf_counter()
        for node in (first, *others):
            self._join(node, collections.pop(node), catalogs[node])

    def mark_test_complete(
        self, node: WorkerController, item_index: int, duration: float = 0
    ) -> None:
        """Never called: the workers of this scheduler tell it by steps."""
        raise AssertionError(f"{worker_name(node)} does not run pytest-markersteal's loop")

    def remove_pending_tests_from_node(self, node: object, indices: Errand) -> None:
        """Do what is to be done here, which is no removal: see ``errands``."""
        indices(self)

    def take_events(self, events: list[Event]) -> None:
        """Hand ``events``, which travelled together, to xdist's session one after another."""
        for name, arguments in events:
            getattr(self._dsession, f"worker_{name}")(**arguments)
            self._notice_stop()

    def take(self, node: WorkerController, message: protocol.Message) -> None:
        """Take in what a worker sent, unless it is already given up."""
        numbering = self._roster.numbering(node)
        if numbering is None:
            return
        assert self._incoming is not None
        for event in self._incoming.events_of(message, self._links[node], numbering):
            self._tell(event)
            if isinstance(event, messages.Finished):
                self.wall_s = time.perf_counter() - (self._began_s or 0.0)
                self._ended(event.test)

    def remove_node(self, node: WorkerController) -> str | None:
        """A worker is gone; the node id of the test that it was running, if it crashed."""
        link = self._links.pop(node, None)
        if link is not None:
            # xdist also gives up workers that live: what this one has not started is not its any
            # more. Its answer is dropped, as all that it says from now on.
            link.send(protocol.Recall())
        has_joined = self._roster.remove(node)  # It raises what xdist expects.
        # xdist starts a replacement before it asks again whether the run is to stop.
        self._notice_stop()
        if self._core is None or not has_joined:
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
        if running is not None:
            self._ended(running)
        if isinstance(self._core, Scheduler):
            where = "" if running is None else f" in {self.ids[running]}"
            self.checking.look(self._core.isolated, f"{name} died{where}")
        return None if running is None else self.ids[running]

    def mark_test_pending(self, item: str) -> None:
        """Run a test once more that crashed, or that is being reported."""
        assert self._core is not None
        number = self._last_crash
        if number is None or self.ids[number] != item:
            number = self.ids.index(item)
        if number not in self._core.unfinished:
            self._tell(messages.Requeued(number))
        elif any(self._core.running(name) == number for name in self._roster.by_name()):
            self._again.add(number)
        # Else another plugin has asked for it already.

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

    def _tell_of_check(self, result: CheckResult) -> None:
        """Bring ``result`` before the scheduler, from a thread."""
        self._put(lambda _: self._take_check(result))

    def _put(self, errand: Errand) -> None:
        """Have ``errand`` done in the main thread."""
        self._dsession.queue.put(event_of(errand))

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

    def _ended(self, test: int) -> None:
        if test in self._again:
            self._again.remove(test)
            self._tell(messages.Requeued(test))

    def tick(self) -> None:
        """Time has passed."""
        self._tell(messages.Tick())

    def _send(self) -> None:
        """Send what the core wants its workers to be told."""
        if not self._outgoing:
            return
        commands, self._outgoing = self._outgoing, []
        self._tracing.told(commands)
        nodes = self._roster.by_name()
        for command in commands:
            node = nodes.get(command.worker)
            if node is None:
                continue  # It is gone.
            self._links[node].send(message_of(command, self._roster.numberings[node]))

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

    def _why_stranded(self) -> str:
        # What xdist prints when it replaces workers no more.
        limit = getattr(self._dsession, "_summary_report", None)
        if limit:
            return f"no worker was left: {limit}"
        return "no worker was left" if self._roster.is_stranded else "the run ended early"

    def _join(
        self, node: WorkerController, collection: Sequence[str], catalog: protocol.Catalog
    ) -> None:
        self._roster.numberings[node] = Numbering(self.ids, collection)
        link, name = self._links[node], worker_name(node)
        slot = slot_of(node.gateway.spec)
        self._tracing.joined(name, slot, catalog, link.ahead_s)
        self._tell(
            messages.WorkerJoined(name, slot, host=catalog.host, round_trip_s=link.round_trip_s)
        )

    def _join_late(self, node: WorkerController, collection: Sequence[str]) -> None:
        catalog = self._links[node].take_catalog(len(collection))
        if self._agrees(node, collection, catalog, "the first worker"):
            self._join(node, collection, catalog)
        else:
            self._links[node].send(protocol.Stop())
            self._roster.refuse(node)

    def _agrees(
        self,
        node: WorkerController,
        collection: Sequence[str],
        catalog: protocol.Catalog,
        against: str,
    ) -> bool:
        """Whether a worker has the tests of the run, marked alike; if not, that is reported."""
        assert self.suite is not None
        problem = problem_of(self.ids, self.suite, collection, catalog, against, worker_name(node))
        if problem:
            report_problem(self.config, worker_name(node), problem)
        return not problem


def _left_in_order(node: WorkerController) -> bool:
    """Whether the worker ended its session, rather than its process or the user's patience."""
    output = getattr(node, "workeroutput", None)
    return output is not None and output["exitstatus"] != _KEYBOARD_INTERRUPT_STATUS
