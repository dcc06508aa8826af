"""The controller's half: connects xdist's session, the scheduler and the durations file."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import MutableSequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_markersteal.core.floor import floor_of
from pytest_markersteal.core.setups import Setups
from pytest_markersteal.distribution.link import Link
from pytest_markersteal.distribution.places import setups_from
from pytest_markersteal.distribution.record import RunRecord
from pytest_markersteal.distribution.slots import number_slots
from pytest_markersteal.distribution.startup import Launch, startups_of
from pytest_markersteal.distribution.stored import stored
from pytest_markersteal.durations.history import Fixture, Times

if TYPE_CHECKING:
    import execnet
    from xdist.workermanage import WorkerController

    from pytest_markersteal.distribution.scheduling import MarkerStealScheduling


class ControllerPlugin:
    """Registered on the controller of a run with ``--dist markersteal``."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._launch = Launch()
        self._links: dict[Any, Link] = {}
        self._boxes = tempfile.TemporaryDirectory(prefix="markersteal-")
        self._slots = 0
        self._scheduling: MarkerStealScheduling | None = None
        self._saved_to: str | None = None
        self._session: pytest.Session | None = None
        # Registered before pytest's own clean-up, and so done after it, which collects garbage.
        config.add_cleanup(gc.unfreeze)

    @pytest.hookimpl(trylast=True)
    def pytest_xdist_setupnodes(self, specs: MutableSequence[execnet.XSpec]) -> None:
        """Give each place to work its number."""
        number_slots(specs)
        self._slots = len(specs)
        self._launch.begin(len(specs))

    @pytest.hookimpl
    def pytest_configure_node(self, node: WorkerController) -> None:
        """Open our own channel to a worker before it starts."""
        self._links[node] = Link(node, Path(self._boxes.name))
        self._launch.launched()

    @pytest.hookimpl(tryfirst=True)
    def pytest_xdist_make_scheduler(self) -> MarkerStealScheduling:
        """Take the place of xdist's schedulers, now that the workers are on their way."""
        from pytest_markersteal.distribution.scheduling import MarkerStealScheduling

        assert self._session is not None
        self._scheduling = MarkerStealScheduling(
            self._session, self._links, self._slots, stored(self._config).history
        )
        # Reports pile up here, and for each few the collector would go through all modules again.
        gc.freeze()
        return self._scheduling

    @pytest.hookimpl
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep the session, which knows of failures that xdist does not count."""
        self._session = session

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Remove what only this run needed."""
        self._boxes.cleanup()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Record what this run measured; a run that lost tests is never a success."""
        run = self._scheduling
        if run is not None and run.unfinished() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        measured = self._measured()
        if run is not None and run.suite is not None and measured is not None:
            store, history = stored(self._config)
            history.learn(*measured)
            history.learn_demands(
                (node_id, run.suite.demand(test)) for test, node_id in enumerate(run.ids)
            )
            node_ids = frozenset(run.ids)
            for selection, startup in startups_of(session, run, self._launch).items():
                history.learn_startup(selection, startup, node_ids)
            if store.save(history):
                self._saved_to = str(store.path.relative_to(self._config.rootpath))

    def record(self) -> RunRecord | None:
        """The run in figures, once it is over; None if it never began."""
        run = self._scheduling
        if run is None or not run.ids:
            return None
        unfinished = run.unfinished()
        record = RunRecord(
            tests=len(run.ids),
            workers=self._slots,
            wall_s=run.wall_s,
            known=run.known,
            saved_to=self._saved_to,
            not_run=[run.ids[test] for test in unfinished],
            why_not=run.closed_early or ("no worker was left" if unfinished else None),
            trouble=stored(self._config).store.trouble,
        )
        finished = run.timings.finished()
        if finished and run.suite is not None:
            known_s = setups_from(run.ids, run.suite, run.timings.fixtures_s)
            floor = floor_of(
                run.suite,
                finished,
                run.timings.wall_s.__getitem__,
                Setups(run.suite, known_s),
                self._slots,
            )
            record.floor_s, record.limit = floor.total_s, floor.limit
            record.limit_test = None if floor.limit.test is None else run.ids[floor.limit.test]
        return record

    def _measured(self) -> tuple[dict[str, Times], dict[Fixture, float]] | None:
        run = self._scheduling
        if run is None:
            return None
        tests = {
            run.ids[test]: Times(*phases)
            for test in run.timings.finished()
            if (phases := run.timings.phases_s(test)) is not None
        }
        return (tests, run.timings.fixtures_s) if tests else None
