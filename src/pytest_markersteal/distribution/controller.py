"""The controller's half: connects xdist's session and the scheduler.

What is not needed to start workers is imported once they are on their way.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Generator, MutableSequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_markersteal import options
from pytest_markersteal.distribution import tx
from pytest_markersteal.distribution.failing import FailingHosts
from pytest_markersteal.distribution.launch import Launch
from pytest_markersteal.distribution.link import Link, worker_name
from pytest_markersteal.distribution.record import RunRecord
from pytest_markersteal.distribution.refused import refusal
from pytest_markersteal.distribution.specs import check_specs

if TYPE_CHECKING:
    import execnet
    from xdist.workermanage import WorkerController

    from pytest_markersteal.core.suite import Demand
    from pytest_markersteal.distribution.finished import FinishedRun
    from pytest_markersteal.distribution.progress_line import TimeLeft
    from pytest_markersteal.distribution.replaying import Replaying
    from pytest_markersteal.distribution.scheduling import MarkerStealScheduling
    from pytest_markersteal.distribution.tracing import Tracing


class ControllerPlugin:
    """Registered on the controller of a run with ``--dist markersteal``."""

    def __init__(self, config: pytest.Config, replaying: Replaying | None = None) -> None:
        check_specs(config.option)
        tx.complete_options(config)
        self._config = config
        self._replaying = replaying
        self._launch = Launch()
        self._links: dict[Any, Link] = {}
        self._fitness = tx.Fitness()
        self._latest_fits = True
        """Whether the worker that is being started can run."""
        # Windows removes no file that a worker, if it has not ended yet, has mapped.
        self._boxes = tempfile.TemporaryDirectory(prefix="markersteal-", ignore_cleanup_errors=True)
        self._slots = 0
        self._scheduling: MarkerStealScheduling | None = None
        self._finished: FinishedRun | None = None
        self._session: pytest.Session | None = None
        self._is_refused = False
        """Whether no test ran because something is wrongly asked for, of which the error tells."""
        self.tracing: Tracing | None = None
        """Once workers are on their way."""
        self._began_s = time.perf_counter()
        self._launched_s: dict[str, float] = {}
        """When the launch of each worker began, by name."""
        failing = FailingHosts(config, self._links, self._is_over)
        config.pluginmanager.register(failing, "markersteal-hosts")
        # Registered before pytest's own clean-up, and so done after it, which collects garbage.
        config.add_cleanup(gc.unfreeze)

    @pytest.hookimpl(trylast=True)
    def pytest_xdist_setupnodes(self, specs: MutableSequence[execnet.XSpec]) -> None:
        """Workers are about to be started."""
        options.refuse_stepwise(self._config, len(specs))
        tx.check_arguments(self._config, specs)
        self._slots = len(specs)
        self._launch.begin(len(specs))

    @pytest.hookimpl
    def pytest_configure_node(self, node: WorkerController) -> None:
        """Open our own channel to a worker before it starts, and see whether it can."""
        self._latest_fits = self._fitness.look(node.gateway)
        # In a replay others wait for each start and each end: these don't wait for company.
        boxes = None if self._replaying else Path(self._boxes.name)
        self._links[node] = Link(node, boxes)
        self._launched_s[worker_name(node)] = self._launch.launched()

    @pytest.hookimpl(tryfirst=True)
    def pytest_xdist_getremotemodule(self) -> str | None:
        """Have a worker that can't run take its input and end: of its errors ours says enough."""
        return None if self._latest_fits else "channel.receive()"

    @pytest.hookimpl(tryfirst=True)
    def pytest_xdist_make_scheduler(self) -> MarkerStealScheduling:
        """Take the place of xdist's schedulers, if all workers can run."""
        self._fitness.check()
        from pytest_markersteal.distribution.scheduling import MarkerStealScheduling
        from pytest_markersteal.distribution.stored import stored
        from pytest_markersteal.distribution.tracing import Tracing

        assert self._session is not None
        history = stored(self._config).history
        self.tracing = Tracing(
            self._config, self._began_s, options.DIST_NAME, self._slots, self._launched_s
        )
        self._scheduling = MarkerStealScheduling(
            self._session, self._links, self._slots, history, self.tracing, self._replaying
        )
        # Reports pile up here, and for each few the collector would go through all modules again.
        gc.freeze()
        return self._scheduling

    @pytest.hookimpl
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep the session, which knows of failures that xdist does not count."""
        self._session = session
        self._began_s = time.perf_counter()

    # Before others print the traceback.
    @pytest.hookimpl(tryfirst=True)
    def pytest_testnodedown(self, node: WorkerController, error: object) -> None:
        """End a run that could not begin: who takes the place of this worker would fail again."""
        if self._scheduling is not None and self._scheduling.has_begun:
            return
        refused = refusal(node)
        if refused is not None:
            raise refused
        if not hasattr(node, "workerinfo"):
            why = tx.why_not_ready(node.gateway, error)
            if why:
                raise pytest.UsageError(why)

    @pytest.hookimpl
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep when the run ends and why, if it is not of the scheduler's doing, as with -x."""
        from pytest_markersteal.distribution.tracing import INTERRUPTED

        why = str(excinfo.value) or INTERRUPTED
        if self.tracing is not None:
            self.tracing.interrupted(why)
        if self._scheduling is not None and self._scheduling.closed_early is None:
            self._scheduling.closed_early = why

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Remove what only this run needed."""
        self._boxes.cleanup()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Take in what the run measured; one that lost tests is never a success."""
        from pytest_markersteal.distribution.finished import finished_run

        run = self._scheduling
        if run is None:
            return
        if run.unfinished() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        self._is_refused = session.exitstatus == pytest.ExitCode.USAGE_ERROR and len(
            run.unfinished()
        ) == len(run.ids)
        self._finished = finished_run(session, run, self._slots, self._launch)
        assert self.tracing is not None
        self.tracing.end(int(session.exitstatus), run.closed_early)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self) -> Generator[None, object, object]:
        """Let other plugins see who refers to an object: Hypothesis does, and warns if nobody does.

        Frozen objects would not be found.
        """
        gc.unfreeze()
        try:
            return (yield)
        finally:
            gc.freeze()

    def _is_over(self) -> bool:
        return self._scheduling is not None and self._scheduling.is_over

    def time_left(self) -> TimeLeft | None:
        """How long the rest of the run will take, if that can be told."""
        return self._scheduling.time_left() if self._scheduling else None

    def finished(self) -> FinishedRun | None:
        """The run, once it is over and if any test of it ran to its end."""
        return self._finished

    def demands(self) -> dict[str, Demand]:
        """What the marks of each test ask for, by node id; nothing before workers have told."""
        run = self._scheduling
        if run is None or run.suite is None:
            return {}
        return {test: run.suite.demand(number) for number, test in enumerate(run.ids)}

    def record(self) -> RunRecord | None:
        """The run in figures, once it is over; None if it never began, or could not."""
        from pytest_markersteal.distribution.stored import stored

        run = self._scheduling
        if run is None or not run.ids or self._is_refused:
            return None
        unfinished = run.unfinished()
        record = RunRecord(
            tests=len(run.ids),
            workers=self._slots,
            wall_s=run.wall_s,
            known=run.known,
            not_run=[run.ids[test] for test in unfinished],
            why_not=run.why_not_run(),
            trouble=[
                *stored(self._config).store.trouble,
                *self._trace_trouble(),
                *run.checking.lines(),
            ],
        )
        if self._finished is not None:
            floor = self._finished.floor
            record.floor_s, record.limit = floor.total_s, floor.limit
            record.limit_test = None if floor.limit.test is None else run.ids[floor.limit.test]
        return record

    def _trace_trouble(self) -> list[str]:
        trouble = self.tracing.trouble if self.tracing else None
        return [trouble] if trouble else []
