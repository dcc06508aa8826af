"""The small parts that touch xdist and pytest: each fails here first when upstream changes."""

from __future__ import annotations

from pathlib import Path
from queue import Queue
from types import SimpleNamespace
from typing import Any

import execnet
import pytest
import xdist.plugin
import xdist.remote
import xdist.workermanage
from builders import PLAIN, suite_of
from xdist.dsession import DSession

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.messages import Recall, Started, WorkerJoined
from pytest_markersteal.core.scheduler import Scheduler
from pytest_markersteal.core.suite import Mode
from pytest_markersteal.distribution import launch, machine
from pytest_markersteal.distribution.auto import ENVIRONMENT_VARIABLE
from pytest_markersteal.distribution.dist_option import extend_dist_choices
from pytest_markersteal.distribution.scheduling import MarkerStealScheduling
from pytest_markersteal.distribution.session_teardown import AROUND_TESTS, AT_TEARDOWN, OWN_NAME
from pytest_markersteal.distribution.slots import number_slots
from pytest_markersteal.distribution.tracing import Tracing
from pytest_markersteal.durations.history import History
from pytest_markersteal.holdings import Holding
from pytest_markersteal.place import COUNT_VARIABLE, SLOT_VARIABLE


def test_specs_set_the_place_and_stay_what_they_are() -> None:
    """What xdist put on the objects is kept, and those that were equal still are."""
    specs = [execnet.XSpec("popen//id=gw5"), execnet.XSpec("ssh=host//python=python3")]
    specs[1].chdir = "cache"
    specs[1].id = "gw6"
    specs.append(execnet.XSpec(str(specs[1])))
    number_slots(specs)
    assert [spec.env[SLOT_VARIABLE] for spec in specs] == ["0", "1", "2"]
    assert [spec.env[COUNT_VARIABLE] for spec in specs] == ["3", "3", "3"]
    assert [spec.id for spec in specs] == ["gw5", "gw6", None]
    assert specs[1] == specs[2]
    assert (specs[1].ssh, specs[1].python, specs[1].chdir) == ("host", "python3", "cache")


def test_the_choice_is_added_once(pytestconfig: pytest.Config) -> None:
    """Adding it again, as each plugin's registration does, changes nothing."""
    parser = pytestconfig._parser  # type: ignore[attr-defined]
    assert extend_dist_choices(parser)
    option = next(o for o in parser.getgroup("xdist").options if "--dist" in o.names())
    assert option.attrs()["choices"].count("markersteal") == 1
    assert option.attrs()["help"].count("markersteal: ") == 1


def test_xdist_still_has_what_the_worker_loop_uses() -> None:
    """The interactor, its ``channel`` and ``item_index``, and the end marker of its channel."""
    source = xdist.remote.WorkerInteractor
    assert source.__name__ == "WorkerInteractor"
    assert "self.item_index" in _source(source.pytest_runtest_logreport)
    assert "self.channel" in _source(source.sendevent)
    assert "endmarker" in _source(source.pytest_runtestloop)


def test_xdist_still_has_what_the_scheduling_uses() -> None:
    """Events that carry errands, the order of calls after a crash, why it ends, the stop flag."""
    controller = xdist.workermanage.WorkerController
    assert '"unscheduled"' in _source(controller.process_from_remote)
    assert "remove_pending_tests_from_node" in _source(DSession.worker_unscheduled)
    assert "tests_finished" in _source(DSession.loop_once)
    assert "self.shouldstop" in _source(DSession._handlefailures)
    crash = _source(DSession.worker_errordown)
    assert crash.index("remove_node") < crash.index("handle_crashitem") < crash.index("_clone_node")
    assert "self._summary_report = msg" in crash
    assert crash.count("self.triggershutdown()") == 1
    assert _source(DSession.triggershutdown).count("node.shutdown()") == 1


def test_xdist_still_makes_the_group_of_its_gateways_where_it_is_given_another() -> None:
    """By the name ``execnet`` of that module, which is all that is replaced."""
    source = _source(xdist.workermanage.NodeManager.__init__)
    assert 'self.group = execnet.Group(execmodel="main_thread_only")' in source
    assert xdist.workermanage.execnet is execnet


def test_xdist_still_asks_for_the_number_of_workers() -> None:
    """Once ``-d`` is settled, before ``--maxprocesses``, and looks at the user's variable."""
    source = _source(xdist.plugin.pytest_cmdline_main)
    asked = source.index("hook.pytest_xdist_auto_num_workers(config=config)")
    assert source.index("distload") < asked < source.index("maxprocesses")
    assert ENVIRONMENT_VARIABLE in _source(xdist.plugin.pytest_xdist_auto_num_workers)


def test_pytest_still_has_what_takes_part_in_the_last_teardown(
    pytestconfig: pytest.Config,
) -> None:
    """By names, which its option ``-p no:`` knows; and one of them tears down."""
    manager = pytestconfig.pluginmanager
    names = {*AROUND_TESTS, *AT_TEARDOWN} - {OWN_NAME}
    assert [name for name in names if not manager.has_plugin(name)] == []
    runner = manager.get_plugin("runner")
    assert "teardown_exact(nextitem)" in _source(runner.pytest_runtest_teardown)


def test_launching_takes_as_long_as_the_quickest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replacements of workers that crashed don't count."""
    now_s = iter([10.0, 10.3, 10.5, 10.6])
    monkeypatch.setattr(launch.time, "perf_counter", lambda: next(now_s))
    timer = launch.Launch()
    timer.begin(2)
    for _ in range(3):
        timer.launched()
    assert timer.seconds == pytest.approx(0.2)


def test_the_meter_tells_how_busy_the_usable_cores_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Idle is idle, and waiting for disks; other cores don't count; elsewhere it can't tell."""
    monkeypatch.setattr(machine, "usable_cores", lambda: {0, 2})
    statistics = tmp_path / "stat"
    line = "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 {} 0 0 {} 5 0 0 0 0 0\ncpu1 0 0 0 {} 0 0 0 0 0 0\n"
    statistics.write_text(line.format(100, 100, 0) + "cpu2 0 0 0 0 0 0 0 0\nintr 5\n")
    meter = machine.CoreMeter(statistics)
    statistics.write_text(line.format(160, 120, 900) + "cpu2 0 0 20 0 0 0 0 0\nintr 5\n")
    meter.stop()
    assert meter.busy_share == pytest.approx(0.8)
    for content in ("", "cpu0 few\n", "cpu0 1\n"):
        statistics.write_text(content)
        meter = machine.CoreMeter(statistics)
        meter.stop()
        assert meter.busy_share is None
    statistics.unlink()
    assert machine.CoreMeter(statistics).busy_share is None


def test_the_scheduler_has_every_member_of_xdists_protocol(request: pytest.FixtureRequest) -> None:
    """xdist checks nothing; we do."""
    from xdist.scheduler.protocol import Scheduling

    wanted = {name for name in vars(Scheduling) if not name.startswith("_")}
    tracing = Tracing(request.config, 0.0, "markersteal", 2, {})
    scheduling = MarkerStealScheduling(request.session, {}, 2, History(), tracing)
    assert wanted <= set(dir(scheduling))
    assert not scheduling.collection_is_completed
    assert not scheduling.has_pending
    tracing.end(0, None)


def test_time_is_told_while_a_worker_rests_and_tests_lie_behind_another(
    request: pytest.FixtureRequest,
) -> None:
    """By xdist's queue, one at a time; what lies behind the running test is then recalled."""
    tracing = Tracing(request.config, 0.0, "markersteal", 1, {})
    links: dict[object, Any] = {object(): None}
    scheduling = MarkerStealScheduling(request.session, links, 1, History(), tracing)
    suite = suite_of([PLAIN] * 2)
    scheduling._core = Scheduler(suite, Estimates(suite, [0.001] * 2), 1)
    scheduling._dsession = SimpleNamespace(queue=Queue(), shouldstop=None)
    for event in (
        WorkerJoined("gw0"),
        Started("gw0", 0),
        WorkerJoined("gw1", 1, round_trip_s=0.05),
    ):
        scheduling._core.handle(event)
    assert not scheduling.tests_finished
    assert not scheduling.tests_finished
    name, arguments = scheduling._dsession.queue.get(timeout=60)
    assert (name, scheduling._dsession.queue.empty()) == ("unscheduled", True)
    arguments["indices"](scheduling)
    assert scheduling._outgoing == [Recall("gw0", (1,))]
    tracing.end(0, None)


def test_an_interrupted_run_ends_when_it_was_interrupted(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How long its workers take to end is no test's time, and what ends meanwhile is not told."""
    monkeypatch.setattr("pytest_markersteal.distribution.tracing._create", lambda rootdir: None)
    tracing = Tracing(request.config, 0.0, "load", 1, {"gw0": 0.0})
    written: list[Any] = []
    monkeypatch.setattr(tracing, "_write", written.append)
    monkeypatch.setattr(tracing, "_now_us", lambda: 10)
    tracing.interrupted("Ctrl-C")
    monkeypatch.setattr(tracing, "_now_us", lambda: 13)
    tracing.started("gw0", 1)
    tracing.end(2, None)
    (end,) = written
    assert (end.at_us, end.why) == (10, "Ctrl-C")


def test_a_holding_of_one_unit_has_one_instance() -> None:
    """With more, ``instances`` is the way to ask."""
    assert Holding("db", (2,)).instance == 2
    with pytest.raises(ValueError, match=r"holds 2 instances of 'db': use \.instances"):
        _ = Holding("db", (0, 1)).instance


@pytest.mark.shared_resource("library", mode=Mode.READ.value)
@pytest.mark.shared_resource("desk")
def test_the_resource_fixture_tells_what_is_held(resource) -> None:  # type: ignore[no-untyped-def]
    """Instances for a writer, none for a reader, an error for a key that is not claimed."""
    assert resource("desk").instances == (0,)
    assert resource("library").instances == ()
    with pytest.raises(LookupError, match="does not claim 'other'"):
        resource("other")


def _source(function: object) -> str:
    import inspect

    return inspect.getsource(function)  # type: ignore[arg-type]
