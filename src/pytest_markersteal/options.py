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
RESOURCES = "markersteal_resources"
CHECK_DEADLINE = "markersteal_check_deadline_s"
DEFAULT_CHECK_DEADLINE_S = 60.0
HOST_TIMEOUT = "markersteal_host_timeout_s"
DEFAULT_HOST_TIMEOUT_S = 600.0
TRANSPORT = "markersteal_transport"
BATCHED = "batched"
_PLAIN = "plain"
AUTO = "markersteal_auto"
MAX_WORKERS = "markersteal_max_workers"
WORKERS_PER_CORE = 2
EXPLORE = "markersteal_explore"
SHARD_OPTION = "--markersteal-shard"
TRACE_OPTION = "--markersteal-trace"
EXPLAIN_OPTION = "--markersteal-explain"
WATCH_OPTION = "--markersteal-watch"

MAP_FILE = "markersteal.toml"
"""In pytest's rootdir: marks for tests whose source is not to be changed."""

REPLAY_OPTION = "--markersteal-replay"
SLOT_OPTION = "--slot"

RECORD = "markersteal_record"
RECORD_OPTION = "--markersteal-record"
RECORD_VARIABLE = "MARKERSTEAL_RECORD"

ENVIRONMENT = "markersteal_env"
PORTS = "markersteal_ports"
DEFAULT_PORTS = "15000-25000"

DATABASES = "markersteal_databases"
DATABASE_SOURCES = "markersteal_database_sources"
KEEP_DATABASES_OPTION = "--markersteal-keep-databases"

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


def refuse_stepwise(config: pytest.Config, workers: int) -> None:
    """``UsageError`` for ``--stepwise`` with several workers: it would leave out what never ran."""
    names = ("stepwise", "stepwise_skip", "stepwise_reset")
    if workers > 1 and any(config.getoption(name, None) for name in names):
        raise pytest.UsageError(
            "--stepwise goes on at the test that failed, in the order of collection, and several "
            "workers run tests in another one: it would leave out tests that never ran; use it "
            "with -n0, or use -x and --lf instead"
        )


def explains(config: pytest.Config) -> bool:
    """Whether to tell at the end why the run took so long."""
    return bool(config.getoption(EXPLAIN_OPTION))


def traces(config: pytest.Config) -> bool:
    """Whether a trace is asked for, whatever schedules the run."""
    return bool(config.getoption(TRACE_OPTION)) or explains(config)


def watches(config: pytest.Config) -> bool:
    """Whether to watch what tests share, and what they leave changed."""
    return bool(config.getoption(WATCH_OPTION)) and not config.getoption("collectonly")


def record_mode(config: pytest.Config) -> RecordMode:
    """When to write the durations file; ``UsageError`` where the choice is unknown."""
    variable = os.environ.get(RECORD_VARIABLE)
    where, chosen = (RECORD_VARIABLE, variable) if variable else (RECORD, config.getini(RECORD))
    try:
        return RecordMode(config.getoption(RECORD_OPTION) or chosen)
    except ValueError:
        modes = ", ".join(repr(mode.value) for mode in RecordMode)
        raise pytest.UsageError(f"{where}: {chosen!r} is none of {modes}") from None


def auto_is_sized(config: pytest.Config) -> bool:
    """Whether ``-n auto`` is ours to decide; ``UsageError`` where the value is unknown."""
    chosen = config.getini(AUTO)
    if chosen not in ("on", "off"):
        raise pytest.UsageError(f"{AUTO}: {chosen!r} is neither 'on' nor 'off'")
    return bool(chosen == "on")


def max_workers(config: pytest.Config, cores: int) -> int:
    """The most workers for tests that wait on so many cores; ``UsageError`` if malformed."""
    chosen = config.getini(MAX_WORKERS).strip()
    if not chosen:
        return WORKERS_PER_CORE * cores
    if not (chosen.isdecimal() and int(chosen) > 0):
        raise pytest.UsageError(f"{MAX_WORKERS}: {chosen!r} is no number of at least 1")
    return int(chosen)


def explores(config: pytest.Config) -> bool:
    """Whether to prefer pairs of modules that have not been seen."""
    return bool(config.getini(EXPLORE))


def shard(config: pytest.Config) -> Shard | None:
    """What part to run; None for all, which 1/1 is too; ``UsageError`` if there is none such."""
    asked = config.getoption(SHARD_OPTION)
    if asked is None:
        return None
    found = re.fullmatch(r"([0-9]+)/([0-9]+)", asked.strip())
    if found is None:
        raise pytest.UsageError(
            f"{SHARD_OPTION}: {asked!r} is not of the form I/N; "
            "for the second of five shards write 2/5"
        )
    number, total = map(int, found.groups())
    if total == 0:
        raise pytest.UsageError(
            f"{SHARD_OPTION}: {asked!r} is a part of none; for all tests write 1/1, or leave it out"
        )
    if not 1 <= number <= total:
        raise pytest.UsageError(
            f"{SHARD_OPTION}: there is no shard {number} of {total}; "
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
    chosen = config.getini(TRANSPORT)
    if chosen not in (BATCHED, _PLAIN):
        raise pytest.UsageError(f"{TRANSPORT}: {chosen!r} is neither {BATCHED!r} nor {_PLAIN!r}")
    return bool(chosen == BATCHED)


def resources(config: pytest.Config) -> dict[str, Resource]:
    """What is in ``markersteal_resources``; ``UsageError`` where it is malformed."""
    try:
        return resources_in(config.getini(RESOURCES))
    except ValueError as error:
        raise pytest.UsageError(f"{RESOURCES}: {error}") from None


def capacities(config: pytest.Config) -> dict[str, int]:
    """The capacities in ``markersteal_resources``; ``UsageError`` where it is malformed."""
    return {key: resource.capacity for key, resource in resources(config).items()}


def check_deadline_s(config: pytest.Config) -> float:
    """How long to wait for a check, above 0 s; ``UsageError`` where it is malformed."""
    chosen = config.getini(CHECK_DEADLINE)
    try:
        deadline_s = float(chosen)
    except ValueError:
        deadline_s = 0.0
    if not 0 < deadline_s <= threading.TIMEOUT_MAX:
        raise pytest.UsageError(f"{CHECK_DEADLINE}: {chosen!r} is no number of seconds above 0")
    return deadline_s


def host_timeout_s(config: pytest.Config) -> float | None:
    """How long a worker may be silent; None for ever; ``UsageError`` where it is malformed."""
    chosen = config.getini(HOST_TIMEOUT)
    try:
        timeout_s = float(chosen)
    except ValueError:
        timeout_s = -1.0
    if not 0 <= timeout_s <= threading.TIMEOUT_MAX:
        raise pytest.UsageError(
            f"{HOST_TIMEOUT}: {chosen!r} is no number of seconds, nor 0 to wait for ever"
        )
    return timeout_s or None


def port_range(config: pytest.Config) -> range:
    """The ports in ``markersteal_ports``, at least one; ``UsageError`` where it is malformed."""
    chosen = config.getini(PORTS)
    found = re.fullmatch(r"\s*([0-9]+)\s*-\s*([0-9]+)\s*", chosen)
    first, last = map(int, found.groups()) if found else (0, 0)
    if not 0 < first <= last < 65536:
        raise pytest.UsageError(
            f"{PORTS}: {chosen!r} is not of the form 'first-last' with ports of 1 to 65535, for "
            f"example '{DEFAULT_PORTS}'"
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
    return bool(config.getoption(KEEP_DATABASES_OPTION))
