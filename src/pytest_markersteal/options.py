"""What the ini file and the command line say."""

from __future__ import annotations

import enum
import os
import re
import threading
from pathlib import Path
from typing import NamedTuple

import pytest

from pytest_markersteal.resources import Resource, resources_in

DIST_NAME = "markersteal"

CLEAR_CACHES = "markersteal_clear_caches"
_RESOURCES = "markersteal_resources"
_CHECK_DEADLINE = "markersteal_check_deadline_s"
_DEFAULT_CHECK_DEADLINE_S = 60.0
_HOST_TIMEOUT = "markersteal_host_timeout_s"
_DEFAULT_HOST_TIMEOUT_S = 600.0
_TRANSPORT = "markersteal_transport"
_BATCHED = "batched"
_PLAIN = "plain"
_AUTO = "markersteal_auto"
_MAX_WORKERS = "markersteal_max_workers"
_WORKERS_PER_CORE = 2
_EXPLORE = "markersteal_explore"
_SHARD = "--markersteal-shard"
_TRACE = "--markersteal-trace"
_EXPLAIN = "--markersteal-explain"
_WATCH = "--markersteal-watch"

MAP_FILE = "markersteal.toml"
"""In pytest's rootdir: marks for tests whose source is not to be changed."""

REPLAY_OPTION = "--markersteal-replay"
SLOT_OPTION = "--slot"

_RECORD = "markersteal_record"
RECORD_OPTION = "--markersteal-record"
_RECORD_VARIABLE = "MARKERSTEAL_RECORD"

ENVIRONMENT = "markersteal_env"
_PORTS = "markersteal_ports"
_DEFAULT_PORTS = "15000-25000"

DATABASES = "markersteal_databases"
DATABASE_SOURCES = "markersteal_database_sources"
_KEEP_DATABASES = "--markersteal-keep-databases"

_CHOSEN = pytest.StashKey[bool]()


class Shard(NamedTuple):
    """The part of a suite that one job of several runs: ``number``, from 1, of ``total``."""

    number: int
    total: int


class Replay(NamedTuple):
    """A run to replay: the ``path`` of its trace; with a ``slot``, only what that slot ran."""

    path: Path
    slot: int | None


class RecordMode(enum.Enum):
    """When a run writes the durations file."""

    AUTO = "auto"
    """Where there is none, or where a new one pays; not in continuous integration."""
    ALWAYS = "always"
    NEVER = "never"


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
        _SHARD,
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
        _TRACE,
        action="store_true",
        help="Write a trace of this run to .markersteal/runs, for 'markersteal report', also with "
        "another --dist or without workers; with --dist markersteal every run does.",
    )
    group.addoption(
        _EXPLAIN,
        action="store_true",
        help="Tell at the end why the run took as long as it did, and what would make it faster; "
        "with another --dist this writes a trace too.",
    )
    group.addoption(
        _KEEP_DATABASES,
        action="store_true",
        help="Don't drop the databases of worker_database at the end; 'markersteal doctor' shows "
        "them, and 'markersteal doctor --reap' drops them.",
    )
    group.addoption(
        _WATCH,
        action="store_true",
        help="Watch which files and ports tests use and what they leave changed, and tell which "
        "tests share something that one of them changes; works with any --dist, and without. "
        "Writes .markersteal/runs/watch.json.",
    )
    parser.addini(
        _RECORD,
        default=RecordMode.AUTO.value,
        help=f"When runs write the durations file: {', '.join(modes)}; see {RECORD_OPTION}. "
        f"The environment variable {_RECORD_VARIABLE} wins over it, the option over both.",
    )
    parser.addini(
        _TRANSPORT,
        default=_BATCHED,
        help="How workers send their reports: 'batched' (the default), or 'plain', which is "
        "pytest-xdist's own way and slower.",
    )
    parser.addini(
        _RESOURCES,
        type="linelist",
        help="What there is several times, for the shared_resource mark, one 'key = units' or "
        "'key = name, name' a line (keys not listed exist once).",
    )
    parser.addini(
        _CHECK_DEADLINE,
        default=str(_DEFAULT_CHECK_DEADLINE_S),
        help="How many seconds a check of an instance may take, by the hook "
        f"pytest_markersteal_check_resource ({_DEFAULT_CHECK_DEADLINE_S:g} unless set).",
    )
    parser.addini(
        _HOST_TIMEOUT,
        default=str(_DEFAULT_HOST_TIMEOUT_S),
        help="After how many seconds without a sign of life a worker is given up like one that "
        f"crashed ({_DEFAULT_HOST_TIMEOUT_S:g} unless set; 0: never).",
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
        _PORTS,
        default=_DEFAULT_PORTS,
        help=f"The ports that tests are given, 'first-last' ({_DEFAULT_PORTS} unless set), without "
        "those that the system gives to outgoing connections.",
    )
    parser.addini(
        _AUTO,
        default="on",
        help="Whether '-n auto' and '-n logical' start no more workers than pay for themselves, "
        "once durations are known: 'on' (the default) or 'off'.",
    )
    parser.addini(
        _EXPLORE,
        type="bool",
        default=False,
        help="Whether runs remember which modules ran next to and beside each other, and prefer "
        "pairs that never did, where that costs nothing: false (the default) or true.",
    )
    parser.addini(
        _MAX_WORKERS,
        default="",
        help="How many workers '-n auto' may start where tests mostly wait, so that more than "
        f"there are cores pay ({_WORKERS_PER_CORE} for each core unless set).",
    )
    parser.addini(
        CLEAR_CACHES,
        type="linelist",
        help="Functions whose caches are cleared before and after each test, one "
        "'module:function' or 'module:Class.method' a line; for example app.settings:get_settings.",
    )


def note_choice(config: pytest.Config) -> None:
    """Remember whether the user chose ``--dist markersteal``.

    pytest-xdist resets the option to "no" for ``-n0`` and on workers, hence before it does.
    """
    config.stash[_CHOSEN] = config.getoption("dist", "no") == DIST_NAME


def is_chosen(config: pytest.Config) -> bool:
    """Whether the user chose ``--dist markersteal``, even where nothing is distributed."""
    return config.stash.get(_CHOSEN, False)


def check(config: pytest.Config) -> None:
    """Raise ``UsageError`` if an ini value is malformed."""
    resources(config)
    check_deadline_s(config)
    host_timeout_s(config)
    transport_is_batched(config)
    auto_is_sized(config)
    max_workers(config, 1)
    record_mode(config)


def explains(config: pytest.Config) -> bool:
    """Whether to tell at the end why the run took so long."""
    return bool(config.getoption(_EXPLAIN))


def traces(config: pytest.Config) -> bool:
    """Whether a trace is asked for, whatever schedules the run."""
    return bool(config.getoption(_TRACE)) or explains(config)


def watches(config: pytest.Config) -> bool:
    """Whether to watch what tests share, and what they leave changed."""
    return bool(config.getoption(_WATCH)) and not config.getoption("collectonly")


def record_mode(config: pytest.Config) -> RecordMode:
    """When to write the durations file; ``UsageError`` where the choice is unknown."""
    variable = os.environ.get(_RECORD_VARIABLE)
    where, chosen = (_RECORD_VARIABLE, variable) if variable else (_RECORD, config.getini(_RECORD))
    try:
        return RecordMode(config.getoption(RECORD_OPTION) or chosen)
    except ValueError:
        modes = ", ".join(repr(mode.value) for mode in RecordMode)
        raise pytest.UsageError(f"{where}: {chosen!r} is none of {modes}") from None


def auto_is_sized(config: pytest.Config) -> bool:
    """Whether ``-n auto`` is ours to decide; ``UsageError`` where the value is unknown."""
    chosen = config.getini(_AUTO)
    if chosen not in ("on", "off"):
        raise pytest.UsageError(f"{_AUTO}: {chosen!r} is neither 'on' nor 'off'")
    return bool(chosen == "on")


def max_workers(config: pytest.Config, cores: int) -> int:
    """The most workers for tests that wait on so many cores; ``UsageError`` if malformed."""
    chosen = config.getini(_MAX_WORKERS).strip()
    if not chosen:
        return _WORKERS_PER_CORE * cores
    if not (chosen.isdecimal() and int(chosen) > 0):
        raise pytest.UsageError(f"{_MAX_WORKERS}: {chosen!r} is no number of at least 1")
    return int(chosen)


def explores(config: pytest.Config) -> bool:
    """Whether to prefer pairs of modules that have not been seen."""
    return bool(config.getini(_EXPLORE))


def shard(config: pytest.Config) -> Shard | None:
    """What part to run; None for all, which 1/1 is too; ``UsageError`` if there is none such."""
    asked = config.getoption(_SHARD)
    if asked is None:
        return None
    found = re.fullmatch(r"([0-9]+)/([0-9]+)", asked.strip())
    if found is None:
        raise pytest.UsageError(
            f"{_SHARD}: {asked!r} is not of the form I/N; for the second of five shards write 2/5"
        )
    number, total = map(int, found.groups())
    if total == 0:
        raise pytest.UsageError(
            f"{_SHARD}: {asked!r} is a part of none; for all tests write 1/1, or leave it out"
        )
    if not 1 <= number <= total:
        raise pytest.UsageError(
            f"{_SHARD}: there is no shard {number} of {total}; "
            + (f"write 1/{total} to {total}/{total}" if total > 1 else "write 1/1")
        )
    return None if total == 1 else Shard(number, total)


def replay(config: pytest.Config) -> Replay | None:
    """What run to replay; ``UsageError`` if there is a slot and no run."""
    path, slot = config.getoption(REPLAY_OPTION), config.getoption(SLOT_OPTION)
    if path is not None:
        return Replay(Path(path), slot)
    if slot is not None:
        raise pytest.UsageError(
            f"{SLOT_OPTION} {slot} is a slot of an earlier run: add {REPLAY_OPTION} with its trace"
        )
    return None


def transport_is_batched(config: pytest.Config) -> bool:
    """Whether reports travel in batches; ``UsageError`` where the choice is unknown."""
    chosen = config.getini(_TRANSPORT)
    if chosen not in (_BATCHED, _PLAIN):
        raise pytest.UsageError(f"{_TRANSPORT}: {chosen!r} is neither {_BATCHED!r} nor {_PLAIN!r}")
    return bool(chosen == _BATCHED)


def resources(config: pytest.Config) -> dict[str, Resource]:
    """What is in ``markersteal_resources``; ``UsageError`` where it is malformed."""
    try:
        return resources_in(config.getini(_RESOURCES))
    except ValueError as error:
        raise pytest.UsageError(f"{_RESOURCES}: {error}") from None


def capacities(config: pytest.Config) -> dict[str, int]:
    """The capacities in ``markersteal_resources``; ``UsageError`` where it is malformed."""
    return {key: resource.capacity for key, resource in resources(config).items()}


def check_deadline_s(config: pytest.Config) -> float:
    """How long to wait for a check, above 0 s; ``UsageError`` where it is malformed."""
    chosen = config.getini(_CHECK_DEADLINE)
    try:
        deadline_s = float(chosen)
    except ValueError:
        deadline_s = 0.0
    if not 0 < deadline_s <= threading.TIMEOUT_MAX:
        raise pytest.UsageError(f"{_CHECK_DEADLINE}: {chosen!r} is no number of seconds above 0")
    return deadline_s


def host_timeout_s(config: pytest.Config) -> float | None:
    """How long a worker may be silent; None for ever; ``UsageError`` where it is malformed."""
    chosen = config.getini(_HOST_TIMEOUT)
    try:
        timeout_s = float(chosen)
    except ValueError:
        timeout_s = -1.0
    if not 0 <= timeout_s <= threading.TIMEOUT_MAX:
        raise pytest.UsageError(
            f"{_HOST_TIMEOUT}: {chosen!r} is no number of seconds, nor 0 to wait for ever"
        )
    return timeout_s or None


def port_range(config: pytest.Config) -> range:
    """The ports in ``markersteal_ports``, at least one; ``UsageError`` where it is malformed."""
    chosen = config.getini(_PORTS)
    found = re.fullmatch(r"\s*([0-9]+)\s*-\s*([0-9]+)\s*", chosen)
    first, last = map(int, found.groups()) if found else (0, 0)
    if not 0 < first <= last < 65536:
        raise pytest.UsageError(
            f"{_PORTS}: {chosen!r} is not of the form 'first-last' with ports of 1 to 65535, for "
            f"example '{_DEFAULT_PORTS}'"
        )
    return range(first, last + 1)


def clear_caches(config: pytest.Config) -> list[str]:
    """The names in ``markersteal_clear_caches``; ``UsageError`` where one is malformed."""
    names = [line.strip() for line in config.getini(CLEAR_CACHES)]
    for name in names:
        module, _, path = name.partition(":")
        if not all(part.isidentifier() for part in [*module.split("."), *path.split(".")]):
            raise pytest.UsageError(
                f"{CLEAR_CACHES}: {name!r} is not of the form 'module:function' or "
                "'module:Class.method', for example app.settings:get_settings"
            )
    return names


def databases(config: pytest.Config) -> list[str]:
    """The variables in ``markersteal_databases``, each once."""
    return list(dict.fromkeys(config.getini(DATABASES)))


def keeps_databases(config: pytest.Config) -> bool:
    """Whether the databases of workers stay when the run is over."""
    return bool(config.getoption(_KEEP_DATABASES))
