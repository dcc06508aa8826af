"""What follows from joined footprints: findings, each with the mark or the change that mends it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pytest_markersteal.races.watch import findings, join
from pytest_markersteal.races.watch.findings import CONFLICT, LATENT, LEAK, Finding, Remnant
from pytest_markersteal.races.watch.footprint import PORT
from pytest_markersteal.races.watch.join import Join, Owner, Remains, Thing
from pytest_markersteal.races.watch.marked import Marks
from pytest_markersteal.trace.names import PHASES

_WIDE = ("package", "session")
"""Scopes of fixtures that marks do not keep apart."""

_FILE_ADVICE = "or let each test have its own file, below tmp_path"
_PORT_ADVICE = "or let each test have its own port: free_port"
_WIDE_ADVICE = (
    "no mark keeps fixtures of a session apart: let each worker have its own, with worker_slot, "
    "tmp_path_factory or port_manager"
)

ADVICE: Mapping[str, str] = {
    "variable": "set it with monkeypatch.setenv, which undoes it",
    "attribute": "set it with monkeypatch.setattr, which undoes it",
    "contents": "give the test a copy, or restore it in a fixture: monkeypatch.setitem for a dict",
    "cache": "clear it behind the test: markersteal_clear_caches, or the fixture clear_caches",
    "sys.modules": "change it with monkeypatch.setitem or delitem, which undo it",
    "logging handlers": "remove the handler in the teardown of a fixture",
    "logging level": "set it with caplog.set_level, which undoes it",
    "logger": "configure logging with disable_existing_loggers=False, or enable it again",
    "thread": "stop it and join it in the teardown of a fixture",
    "event loop": "close it, or use asyncio.run, which does",
    "child process": "terminate it and wait for it in the teardown of a fixture",
    "working directory": "change it with monkeypatch.chdir, which undoes it",
    "sys.path": "change it with monkeypatch.syspath_prepend, which undoes it",
    "random seed": "use a random.Random(seed) of the test's own, or restore random.setstate",
    "time zone": "restore TZ, and call time.tzset() again, in the teardown of a fixture",
}
"""By aspect, or by the name of what is the only one of its kind."""

_OTHER_ADVICE = "restore it in the teardown of a fixture"


def conclude(joined: Join, began_s: float, marks: Marks) -> list[Finding]:
    """Findings of all kinds, the gravest first; the session began at ``began_s`` here.

    The records of all workers must be in. ``marks`` are those that the scheduler heeds.
    """
    shared = [thing for thing in joined.things() if _is_shared(thing)]
    own = _own_of_slots(shared)
    # A finding about a folder tells of what is in it too, if it has all tests that use that.
    users = {id(thing): _tests(thing) for thing in shared if thing.is_folder}
    about = [
        thing
        for thing in shared
        if id(thing) not in own
        and not any(_tests(thing) <= users.get(id(folder), set()) for folder in thing.above)
    ]
    keys = _keys(about)
    found = [_shared(thing, keys[id(thing)], began_s, marks) for thing in about]
    found += _leaks(joined.remains)
    return sorted(found, key=_gravity)


def _gravity(finding: Finding) -> tuple[int, bool, str, str]:
    kind = findings.KINDS.index(finding.kind)
    return kind, finding.is_doubtful, finding.thing_kind, finding.thing


def _is_shared(thing: Thing) -> bool:
    """Whether different tests used it in a way that is safe only one after another."""
    if thing.overlap_count:
        return True
    uses = thing.uses()
    if not any(use.writes for use in uses):
        return False
    if len(_tests(thing)) < 2:
        return False
    # All of them held the same lock, as far as lock files tell.
    return not frozenset.intersection(*(use.locks for use in uses))


def _tests(thing: Thing) -> set[str]:
    """The tests that used it, or for which a fixture did."""
    return {use.owner.test for use in thing.uses()}


def _own_of_slots(things: Iterable[Thing]) -> set[int]:
    """The ids of things of which each slot has its own, by its number in their names.

    For example ``shop_0.db`` and ``shop_1.db``, if slot 0 alone used the one, and slot 1 the other.
    """
    by_pattern: dict[str, dict[int, int]] = defaultdict(dict)
    for thing in things:
        slots = {use.source.slot for use in thing.uses()}
        if len(slots) > 1:
            continue
        (slot,) = slots
        for match in re.finditer(rf"(?<!\d){slot}(?!\d)", thing.name):
            pattern = f"{thing.name[: match.start()]}{{slot}}{thing.name[match.end() :]}"
            by_pattern[pattern][slot] = id(thing)
    return {one for own in by_pattern.values() if len(own) > 1 for one in own.values()}


def _keys(things: Sequence[Thing]) -> dict[int, str]:
    """A key for each thing, by its id: the last part of its name, or as many as tell it apart."""
    keys = {}
    taken: dict[str, int] = {}
    for thing in things:
        if thing.kind == PORT:
            key = f"port-{thing.name}"
        else:
            parts = thing.name.strip("/").split("/")
            key = next(
                (
                    "/".join(parts[-length:])
                    for length in range(1, len(parts))
                    if "/".join(parts[-length:]) not in taken
                ),
                thing.name,
            )
        taken[key] = id(thing)
        keys[id(thing)] = key
    return keys


def _shared(thing: Thing, key: str, began_s: float, marks: Marks) -> Finding:
    uses = thing.uses()
    numbers = {id(use): number for number, use in enumerate(uses)}
    told = tuple(_use(use, began_s) for use in uses)
    is_wide = any(use.is_wide and use.writes for use in told)
    mending = _PORT_ADVICE if thing.kind == PORT else _FILE_ADVICE
    key, holders = marks.held_key(told) or (key, ())
    return Finding(
        kind=CONFLICT if thing.overlap_count else LATENT,
        thing_kind=thing.shown_kind,
        thing=thing.name,
        uses=told,
        overlaps=tuple((numbers[id(one)], numbers[id(other)]) for one, other in thing.overlaps),
        overlap_count=thing.overlap_count,
        remnants=(),
        mark="" if is_wide else f"shared_resource:{key}",
        advice=_WIDE_ADVICE if is_wide else mending,
        is_doubtful=False,
        holders=() if is_wide else holders,
        is_kept_apart=not thing.overlap_count and marks.keep_apart(told),
    )


def _use(use: join.Use, began_s: float) -> findings.Use:
    offset_s = use.source.ahead_s - began_s
    return findings.Use(
        test=use.owner.test,
        fixture=fixture_words(use.owner),
        place="" if use.owner.scope in _WIDE else use.owner.node,
        is_wide=use.owner.scope in _WIDE,
        worker=use.source.worker,
        slot=use.source.slot,
        phase=PHASES[use.touch.phase],
        how=use.touch.how,
        writes=use.writes,
        since_s=round(use.since_s + offset_s, 6),
        until_s=round(use.until_s + offset_s, 6),
    )


def _leaks(remains: Iterable[Remains]) -> list[Finding]:
    by_thing: dict[tuple[str, str], list[Remains]] = defaultdict(list)
    for one in remains:
        by_thing[one.left.aspect, one.left.name].append(one)
    return [
        Finding(
            kind=LEAK,
            thing_kind=aspect,
            thing=name,
            uses=(),
            overlaps=(),
            overlap_count=0,
            remnants=tuple(
                Remnant(
                    one.owner.test,
                    fixture_words(one.owner),
                    one.source.worker,
                    None if one.left.phase < 0 else PHASES[one.left.phase],
                    one.left.was,
                    one.left.now,
                )
                for one in some
            ),
            mark="",
            advice=ADVICE.get(name) or ADVICE.get(aspect, _OTHER_ADVICE),
            is_doubtful=all(one.left.is_doubtful for one in some),
        )
        for (aspect, name), some in by_thing.items()
    ]


def fixture_words(owner: Owner) -> str | None:
    """What to call the fixture of ``owner``, if it is one."""
    if not owner.scope:
        return None
    return f"{owner.scope} fixture {owner.name}"
