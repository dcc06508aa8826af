"""What pytest is told of the ini values and the options; ``options`` reads them."""

from __future__ import annotations

import pytest

from pytest_markersteal.options import (
    AUTO,
    BATCHED,
    CHECK_DEADLINE,
    CLEAR_CACHES,
    DATABASE_SOURCES,
    DATABASES,
    DEFAULT_CHECK_DEADLINE_S,
    DEFAULT_PORTS,
    ENVIRONMENT,
    EXPLAIN_OPTION,
    EXPLORE,
    KEEP_DATABASES_OPTION,
    MAX_WORKERS,
    PORTS,
    RECORD,
    RECORD_OPTION,
    RECORD_VARIABLE,
    REPLAY_OPTION,
    RESOURCES,
    SHARD_OPTION,
    SLOT_OPTION,
    TRACE_OPTION,
    TRANSPORT,
    WATCH_OPTION,
    WORKERS_PER_CORE,
    RecordMode,
)


def add_options(parser: pytest.Parser) -> None:
    """Declare the ini values and options."""
    modes = [mode.value for mode in RecordMode]
    group = parser.getgroup("markersteal", "pytest-markersteal")
    group.addoption(
        RECORD_OPTION,
        choices=modes,
        help="When this run writes .markersteal/durations.msgpack: 'auto', if there is none or a "
        "new one makes later runs at least 2%% and 1 s faster, but not where CI is set; 'always', "
        "if it changes; 'never'. For example: pytest -n 4 --dist markersteal "
        "--markersteal-record=always",
    )
    group.addoption(
        SHARD_OPTION,
        metavar="I/N",
        help="Run one of N parts of the tests, which take about equally long by the recorded "
        "durations; for example 2/5 in the second of five CI jobs. Works with any --dist, and "
        "without.",
    )
    group.addoption(
        REPLAY_OPTION,
        metavar="TRACE",
        help="Run the tests of an earlier run again, in the same order on the same slots, with as "
        "many workers as it had. TRACE is a file that the run left in .markersteal/runs. For "
        "example: pytest --markersteal-replay=run.trace",
    )
    group.addoption(
        SLOT_OPTION,
        type=int,
        metavar="N",
        help=f"With {REPLAY_OPTION}: run only what slot N (0, 1, ...) ran, in the same order and "
        "in this process, so that --pdb works. For example: pytest --markersteal-replay=run.trace "
        "--slot 2 --pdb",
    )
    group.addoption(
        TRACE_OPTION,
        action="store_true",
        help="Write a trace of this run to .markersteal/runs, for 'markersteal report', also with "
        "another --dist or without workers; with --dist markersteal every run does.",
    )
    group.addoption(
        EXPLAIN_OPTION,
        action="store_true",
        help="Tell at the end why the run took as long as it did, and what would make it faster; "
        "with another --dist this writes a trace too.",
    )
    group.addoption(
        KEEP_DATABASES_OPTION,
        action="store_true",
        help="Don't drop the databases of worker_database at the end; 'markersteal doctor' shows "
        "them, and 'markersteal doctor --reap' drops them.",
    )
    group.addoption(
        WATCH_OPTION,
        action="store_true",
        help="Watch which files and ports tests use and what they leave changed, and tell which "
        "tests share something that one of them changes; works with any --dist, and without. "
        "Writes .markersteal/runs/watch.json.",
    )
    parser.addini(
        RECORD,
        default=RecordMode.AUTO.value,
        help=f"When runs write the durations file: {', '.join(modes)}; see {RECORD_OPTION}. "
        f"The environment variable {RECORD_VARIABLE} wins over it, the option over both.",
    )
    parser.addini(
        TRANSPORT,
        default=BATCHED,
        help="How workers send their reports: 'batched' (the default), or 'plain', which is "
        "pytest-xdist's own way and slower.",
    )
    parser.addini(
        RESOURCES,
        type="linelist",
        help="What there is several times, for the shared_resource mark, one 'key = units' or "
        "'key = name, name' a line (keys not listed exist once).",
    )
    parser.addini(
        CHECK_DEADLINE,
        default=str(DEFAULT_CHECK_DEADLINE_S),
        help="How many seconds a check of an instance may take, by the hook "
        f"pytest_markersteal_check_resource ({DEFAULT_CHECK_DEADLINE_S:g} unless set).",
    )
    parser.addini(
        ENVIRONMENT,
        type="linelist",
        help="Variables of the environment, one 'NAME=template' a line, set before any conftest is "
        "imported; a template may have {slot}, {worker}, {run}, and {NAME} for a variable that is "
        "set.",
    )
    parser.addini(
        DATABASES,
        type="args",
        help="Variables of the environment that have URLs of databases: for each worker these are "
        "made to name a database of its own, which the fixture worker_database creates.",
    )
    parser.addini(
        DATABASE_SOURCES,
        type="args",
        help="Files, folders or patterns, relative to the rootdir, that the hook "
        "pytest_markersteal_prepare_database makes databases from: what it made is used again by "
        "later runs while they are the same.",
    )
    parser.addini(
        PORTS,
        default=DEFAULT_PORTS,
        help=f"The ports that tests are given, 'first-last' ({DEFAULT_PORTS} unless set), without "
        "those that the system gives to outgoing connections.",
    )
    parser.addini(
        AUTO,
        default="on",
        help="Whether '-n auto' and '-n logical' start no more workers than pay for themselves, "
        "once durations are known: 'on' (the default) or 'off'.",
    )
    parser.addini(
        EXPLORE,
        type="bool",
        default=False,
        help="Whether runs remember which modules ran next to and beside each other, and prefer "
        "pairs that never did, where that costs nothing: false (the default) or true.",
    )
    parser.addini(
        MAX_WORKERS,
        default="",
        help="How many workers '-n auto' may start where tests mostly wait, so that more than "
        f"there are cores pay ({WORKERS_PER_CORE} for each core unless set).",
    )
    parser.addini(
        CLEAR_CACHES,
        type="linelist",
        help="Functions whose caches are cleared before and after each test, one "
        "'module:function' or 'module:Class.method' a line; for example app.settings:get_settings.",
    )
