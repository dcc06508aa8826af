"""What watching a run has found: data with its evidence, and as a file that commands read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

FORMAT = "pytest-markersteal watch"
VERSION = 1
"""Raised when a field changes its meaning or goes; not when one is added."""

FILE = "watch.json"
"""The name of the file, in the folder of traces."""

CONFLICT = "conflict"
"""Tests on different workers used one thing at the same time, and one of them changed it."""
LATENT = "latent"
"""As a conflict, but not at the same time yet."""
LEAK = "leak"
"""Something was left changed."""
KINDS = (CONFLICT, LATENT, LEAK)


class WatchError(ValueError):
    """A file that is none of this version; the message says why."""


@dataclass(frozen=True, slots=True)
class Use:
    """Who used a thing, how, and since when and until when: seconds since the session began.

    It is in use from when it was first touched in the ``phase`` to the end of the test, or of the
    fixture: one of wider scope than function, as in ``module fixture server``, which was set up for
    ``test``, or None. ``is_wide`` where no mark keeps such fixtures apart: those of a session.
    ``place`` is the node id of the class or module of a fixture that a mark does keep apart, if all
    tests in there have it; else empty.
    """

    test: str
    fixture: str | None
    place: str
    is_wide: bool
    worker: str
    slot: int
    phase: str
    how: str
    writes: bool
    since_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Remnant:
    """What ``test``, or a fixture in its set-up or teardown, left: what it was and is, in words.

    ``phase`` is when it was changed, or None where that is not known.
    """

    test: str
    fixture: str | None
    worker: str
    phase: str | None
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A thing that tests share, or that they leave changed.

    ``thing_kind`` is ``file``, ``port``, or the aspect of the state that was left. Conflicts and
    latent ones have ``uses``, in the order in which they began; leaks have ``remnants``.
    ``overlaps`` are the first pairs of uses at the same time, by number, of ``overlap_count`` in
    all. ``mark`` is ``shared_resource:KEY`` or, where no mark would help, empty; ``advice`` says
    what to do in words. ``is_doubtful`` where it is often harmless. ``holders`` are the tests that
    have the mark; ``is_kept_apart`` where the marks of all keep latent ones from a conflict.
    """

    kind: str
    thing_kind: str
    thing: str
    uses: tuple[Use, ...]
    overlaps: tuple[tuple[int, int], ...]
    overlap_count: int
    remnants: tuple[Remnant, ...]
    mark: str
    advice: str
    is_doubtful: bool
    holders: tuple[str, ...] = ()
    is_kept_apart: bool = False

    @property
    def tests(self) -> tuple[str, ...]:
        """The node ids of all tests that it is about, each once."""
        users = [use.test for use in self.uses]
        return tuple(dict.fromkeys([*users, *(one.test for one in self.remnants)]))

    @property
    def readers(self) -> frozenset[str]:
        """Those that only read the thing, for which a mark with ``mode="read"`` is enough."""
        writers = {use.test for use in self.uses if use.writes}
        return frozenset(use.test for use in self.uses) - writers


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of watching a run.

    ``began`` is the time of day in ISO 8601. ``slots`` is how many tests could run at once.
    ``processes`` is how many tests and fixtures started processes, into which nobody looked.
    ``trouble`` is what kept it from seeing all, ready to be shown.
    """

    began: str
    arguments: tuple[str, ...]
    slots: int
    processes: int
    trouble: tuple[str, ...]
    findings: tuple[Finding, ...]

    def of_kind(self, kind: str) -> list[Finding]:
        """The findings of ``kind``, of ``KINDS``."""
        return [finding for finding in self.findings if finding.kind == kind]


def as_json(watched: Watched) -> str:
    """The text of a file, in ASCII."""
    return json.dumps({"format": FORMAT, "version": VERSION, **asdict(watched)}, indent=1) + "\n"


def read(path: Path) -> Watched:
    """What is in the file at ``path``; ``WatchError``, or ``OSError`` where it can't be read."""
    try:
        return loads(path.read_text(encoding="ascii"))
    except WatchError as error:
        raise WatchError(f"{path} {error}") from error
    except UnicodeDecodeError as error:
        raise WatchError(f"{path} is not what --markersteal-watch writes: {error}") from error


def loads(text: str) -> Watched:
    """What is in the ``text`` of a file; ``WatchError``."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WatchError(f"is no JSON: {error}") from error
    if type(content) is not dict or content.get("format") != FORMAT:
        raise WatchError("is not what --markersteal-watch writes")
    if content.get("version") != VERSION:
        raise WatchError(
            f"has version {content.get('version')!r}, and this one reads {VERSION}: run "
            "pytest --markersteal-watch with this version of pytest-markersteal"
        )
    try:
        watched: Watched = _loaded(Watched, content)
    except ValueError as error:
        raise WatchError(f"is damaged: {error}") from error
    return watched


def _loaded(hint: Any, value: Any) -> Any:
    """``value`` as what the annotation ``hint`` says; ``ValueError`` where it is not."""
    if hasattr(hint, "__dataclass_fields__"):
        if type(value) is not dict:
            raise ValueError(f"{value!r} is no {hint.__name__}")
        hints = get_type_hints(hint)
        needed = {one.name for one in fields(hint) if one.default is MISSING}
        missing = needed - value.keys()
        if missing:
            raise ValueError(f"a {hint.__name__} has no {', '.join(sorted(missing))}")
        known = {name: part for name, part in hints.items() if name in value}
        loaded = hint(**{name: _loaded(part, value[name]) for name, part in known.items()})
        _check(loaded)
        return loaded
    parts: Sequence[Any] = get_args(hint)
    if getattr(hint, "__origin__", None) is tuple:
        if type(value) is not list:
            raise ValueError(f"{value!r} is no list")
        if parts[-1] is Ellipsis:
            return tuple(_loaded(parts[0], one) for one in value)
        if len(value) != len(parts):
            raise ValueError(f"{value!r} does not have {len(parts)} parts")
        return tuple(map(_loaded, parts, value))
    if type(value) not in (parts or (hint,)):
        raise ValueError(f"{value!r} is not of type {hint}")
    return value


def _check(loaded: Any) -> None:
    match loaded:
        case Finding(kind=kind) if kind not in KINDS:
            raise ValueError(f"there is no kind {kind!r} of findings")
        case Finding(uses=uses, overlaps=overlaps):
            for number in (number for pair in overlaps for number in pair):
                if not 0 <= number < len(uses):
                    raise ValueError(f"there is no use {number} of {loaded.thing}")
