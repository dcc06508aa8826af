"""The entry point: what this plugin adds to pytest, and the part that each role needs."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

import pytest

from pytest_markersteal import declarations, hookspecs, markers, options, place
from pytest_markersteal.distribution.dist_option import extend_dist_choices
from pytest_markersteal.safety.clearing import CachePlugin, clear_caches
from pytest_markersteal.safety.fixtures import (
    free_port,
    port_manager,
    resource,
    run_id,
    slot_count,
    worker_database,
    worker_slot,
)
from pytest_markersteal.safety.placing import PLACE, PlacePlugin

if TYPE_CHECKING:
    from pytest_markersteal.distribution.tracing import Tracing
    from pytest_markersteal.races.watch.marked import Marks

__all__ = [
    "clear_caches",
    "free_port",
    "port_manager",
    "resource",
    "run_id",
    "slot_count",
    "worker_database",
    "worker_slot",
]

_PARSER = "markersteal-parser"
_ASKED = pytest.StashKey[bool]()
"""Set where xdist asked how many workers ``-n auto`` is to start."""


class _DistOption:
    """Adds the choice to ``--dist`` when xdist's options appear."""

    def __init__(self, parser: pytest.Parser) -> None:
        self._parser = parser

    @pytest.hookimpl
    def pytest_plugin_registered(self) -> None:
        """Look again: the plugin that was just registered may be xdist."""
        extend_dist_choices(self._parser)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare options, see to the choice of ``--dist``, and to where this process runs."""
    declarations.add_options(parser)
    pluginmanager.register(PlacePlugin(), "markersteal-place")
    # Registration replays pytest_plugin_registered for the plugins that are already there.
    pluginmanager.register(_DistOption(parser), _PARSER)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks that this plugin calls."""
    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, object, object]:
    """Prepare a replay, and note the choice of ``--dist`` before xdist resets it."""
    asked = None if hasattr(config, "workerinput") else options.replay(config)
    if asked is not None:
        from pytest_markersteal.distribution.replaying import prepare

        prepare(config, asked)
    options.note_choice(config)
    return (yield)


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> Generator[None, int, int]:
    """Start no more workers than pay for themselves, where xdist would start one for each core."""
    from pytest_markersteal.distribution.auto import auto_workers

    config.stash[_ASKED] = True
    return auto_workers(config, (yield))


@pytest.hookimpl
def pytest_report_header(config: pytest.Config) -> str | None:
    """Say how many workers ``-n auto`` gave, and why, where that was ours to decide."""
    if not config.stash.get(_ASKED, False):
        return None
    from pytest_markersteal.distribution.auto import AUTO
    from pytest_markersteal.report.header import auto_line

    auto = config.stash.get(AUTO, None)
    return None if auto is None else f"markersteal: {auto_line(auto)}"


@pytest.hookimpl
def pytest_configure(config: pytest.Config) -> None:
    """Register the marks, and the part for this process's role."""
    for line in markers.REGISTRATIONS:
        config.addinivalue_line("markers", line)
    if not config.pluginmanager.hasplugin("xdist"):
        config.addinivalue_line("markers", markers.GROUP_REGISTRATION)
    if (config.rootpath / options.MAP_FILE).is_file():
        from pytest_markersteal import mapping

        mapping.configure(config)
    options.port_range(config)  # What is malformed is told before anything is collected.
    caches = options.clear_caches(config)
    if caches:
        config.pluginmanager.register(CachePlugin(caches), "markersteal-caches")
    shard = options.shard(config)
    if shard is not None:
        _configure_shard(config, shard)
    if options.watches(config):
        _configure_watch(config)
    if hasattr(config, "workerinput"):
        _configure_worker(config)
        return
    if config.getoption("tx", None) and options.databases(config):
        _configure_databases(config)
    schedules = False
    asked = options.replay(config)
    if asked is not None and asked.slot is not None:
        _configure_one_slot(config)
    elif options.is_chosen(config):
        schedules = _configure_chosen(config)
    if options.traces(config) and not schedules and not config.getoption("collectonly"):
        _configure_observer(config)


def _configure_shard(config: pytest.Config, shard: options.Shard) -> None:
    from pytest_markersteal.distribution.sharding import ShardPlugin
    from pytest_markersteal.report.shards import ShardLines

    options.capacities(config)  # Before anything is collected: what is malformed is told now.
    plugin = ShardPlugin(shard)
    config.pluginmanager.register(plugin, "markersteal-shard")
    config.pluginmanager.register(
        ShardLines(shard, lambda: plugin.facts), "markersteal-shard-lines"
    )


def _configure_databases(config: pytest.Config) -> None:
    from pytest_markersteal.safety.databases.abandoned import AbandonedDatabases
    from pytest_markersteal.safety.databases.urls import URLS

    if not options.keeps_databases(config):
        urls = config.stash.get(URLS, {}).values()
        plugin = AbandonedDatabases(urls, place.run_id())
        config.pluginmanager.register(plugin, "markersteal-databases")


def _configure_watch(config: pytest.Config) -> None:
    from pytest_markersteal.races.watch.plugin import WatchPlugin, watch_worker

    if hasattr(config, "workerinput"):
        watch_worker(config)
        return
    options.capacities(config)  # As above.
    from pytest_markersteal.report.watch import WatchLines

    plugin = WatchPlugin(config, _marks_heeded)
    config.pluginmanager.register(plugin, "markersteal-watch")
    config.pluginmanager.register(WatchLines(plugin), "markersteal-watch-lines")


def _marks_heeded(session: pytest.Session) -> Marks:
    """The marks of tests, where they count: xdist's other modes run marked tests side by side."""
    from pytest_markersteal.races.watch.marked import Marks

    config = session.config
    known = options.capacities(config)
    controller = config.pluginmanager.getplugin("markersteal-controller")
    if controller is not None:
        return Marks(controller.demands(), known)
    demands, _ = markers.read_demands(session.items, known)
    ids = [item.nodeid for item in session.items]
    return Marks(dict(zip(ids, demands, strict=True)), known)


def _configure_worker(config: pytest.Config) -> None:
    from pytest_markersteal.distribution.protocol import INPUT_KEY, OBSERVED_KEY

    given = config.workerinput  # type: ignore[attr-defined] # xdist adds it
    if INPUT_KEY in given:
        from pytest_markersteal.distribution.worker import WorkerPlugin

        config.pluginmanager.register(WorkerPlugin(config), "markersteal-worker")
    elif OBSERVED_KEY in given:
        from pytest_markersteal.distribution.observed import observed_worker

        config.pluginmanager.register(observed_worker(config), "markersteal-observed")


def _configure_one_slot(config: pytest.Config) -> None:
    from pytest_markersteal.distribution.one_slot import OneSlot
    from pytest_markersteal.distribution.replaying import REPLAYING
    from pytest_markersteal.report.replay import ReplayLines

    options.check(config)
    replaying = config.stash[REPLAYING]
    config.pluginmanager.register(OneSlot(replaying), "markersteal-slot")
    config.stash[PLACE].tell_slots(replaying.slots)
    config.pluginmanager.register(ReplayLines(replaying), "markersteal-summary")


def _configure_observer(config: pytest.Config) -> None:
    from pytest_markersteal.distribution.observer import Observer
    from pytest_markersteal.report.traced import TraceLines

    options.capacities(config)  # As above.
    observer = Observer(config)
    config.pluginmanager.register(observer, "markersteal-observer")
    config.pluginmanager.register(TraceLines(observer), "markersteal-trace-lines")
    _configure_explanation(config, lambda: observer.tracing)


def _configure_explanation(config: pytest.Config, tracing: Callable[[], Tracing | None]) -> None:
    if options.explains(config):
        from pytest_markersteal.report.explaining import ExplainPlugin

        config.pluginmanager.register(ExplainPlugin(tracing), "markersteal-explain")


def _configure_chosen(config: pytest.Config) -> bool:
    """Distribute, or, where one process runs everything, still refuse marks used wrongly.

    True if tests are to be distributed.
    """
    options.check(config)
    distributes = config.getoption("dist") == options.DIST_NAME and config.getoption("tx")
    if not distributes or config.getoption("collectonly"):
        config.pluginmanager.register(markers.MarkCheck(), "markersteal-marks")
        return False
    if options.replay(config) is not None:
        _configure_replay(config)
        return True
    from pytest_markersteal.distribution.controller import ControllerPlugin
    from pytest_markersteal.distribution.progress_line import ProgressLine
    from pytest_markersteal.recording.plugin import RecordingPlugin
    from pytest_markersteal.report.plugin import SummaryPlugin

    controller = ControllerPlugin(config)
    config.pluginmanager.register(controller, "markersteal-controller")
    config.pluginmanager.register(ProgressLine(controller.time_left), "markersteal-progress")
    recording = RecordingPlugin(config, controller.finished)
    config.pluginmanager.register(recording, "markersteal-recording")
    if options.explores(config):
        from pytest_markersteal.recording.exploring import ExploringPlugin

        exploring = ExploringPlugin(lambda: controller.tracing)
        config.pluginmanager.register(exploring, "markersteal-exploring")
    summary = SummaryPlugin(controller.record, lambda: recording.recorded)
    config.pluginmanager.register(summary, "markersteal-summary")
    _configure_explanation(config, lambda: controller.tracing)
    return True


def _configure_replay(config: pytest.Config) -> None:
    """Distribute as another run did, which is nothing to learn durations from."""
    from pytest_markersteal.distribution.controller import ControllerPlugin
    from pytest_markersteal.distribution.replaying import REPLAYING
    from pytest_markersteal.report.replay import ReplayLines

    replaying = config.stash[REPLAYING]
    controller = ControllerPlugin(config, replaying)
    config.pluginmanager.register(controller, "markersteal-controller")
    lines = ReplayLines(replaying, controller.record)
    config.pluginmanager.register(lines, "markersteal-summary")
