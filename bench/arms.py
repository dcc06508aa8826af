"""The arms of the benchmark: ways to run a suite in parallel, and what each makes of marks."""

from __future__ import annotations

from dataclasses import dataclass

from environments import (
    BALANCE,
    EXCLUSIVE,
    FILELOCK,
    PACKAGE,
    SLOWEST_FIRST,
    Environment,
)

_MARKED = "serial or no_parallel or shared_resource or xdist_group"
_PLAIN = ("-p", "no:markersteal", "-p", "no:cacheprovider")
_PARALLEL = ("-n", "{workers}")


@dataclass(frozen=True)
class Arm:
    """One way to run a suite: a pytest command, or several in turn.

    ``passes`` are arguments, in which ``{workers}`` stands for the number of workers; ``training``
    are those of one run, not measured, before the first one that is.
    """

    name: str
    passes: tuple[tuple[str, ...], ...]
    marks: str
    """What it does with marks, for the table."""
    environment: Environment = PACKAGE
    training: tuple[str, ...] = ()
    forgets: tuple[str, ...] = ()
    """What is set aside during each of its runs."""
    keeps_marks: bool = False
    needs_marks: bool = False
    """Whether it is the same as worksteal on a suite without marks."""


def _dist(name: str, *more: str) -> tuple[tuple[str, ...], ...]:
    return ((*_PLAIN, *_PARALLEL, "--dist", name, *more),)


_IGNORED = "ignored"
_MARKERSTEAL = ("-p", "no:cacheprovider", *_PARALLEL, "--dist", "markersteal")

LOAD = Arm("load", _dist("load"), _IGNORED)
LOAD_ONE = Arm("load, chunks of 1", _dist("load", "--maxschedchunk=1"), _IGNORED)
WORKSTEAL = Arm("worksteal", _dist("worksteal"), _IGNORED)
LOADSCOPE = Arm("loadscope", _dist("loadscope"), _IGNORED)
LOADFILE = Arm("loadfile", _dist("loadfile"), _IGNORED)
TWO_PASSES = Arm(
    "two passes",
    (
        (*_PLAIN, *_PARALLEL, "--dist", "worksteal", "-m", f"not ({_MARKED})"),
        (*_PLAIN, "-n", "0", "-m", _MARKED),
    ),
    "marked tests one by one, in a second session",
    keeps_marks=True,
    needs_marks=True,
)
LOCKS = Arm(
    "locks in tests",
    (("-p", "no:cacheprovider", "-p", "locks", *_PARALLEL, "--dist", "worksteal"),),
    "a file lock for each key; no_parallel only as serial",
    environment=FILELOCK,
    keeps_marks=True,
    needs_marks=True,
)
BALANCED = Arm(
    "pytest-balance",
    (("-p", "no:cacheprovider", *_PARALLEL, "--dist", "worksteal", "--balance"),),
    _IGNORED,
    environment=BALANCE,
    training=("-p", "no:cacheprovider", *_PARALLEL, "--dist", "worksteal", "--balance-store"),
)
SLOWEST = Arm(
    "pytest-slowest-first",
    ((*_PARALLEL, "--dist", "loadgroup", "--sf"),),
    "groups overwritten, others ignored",
    environment=SLOWEST_FIRST,
    training=("-n", "0"),
)
EXCLUSIVES = Arm(
    "xdist-scheduling-exclusive",
    (("-p", "no:cacheprovider", "-p", "exclusive_first", *_PARALLEL, "--dist", "load"),),
    _IGNORED,
    environment=EXCLUSIVE,
)
COLD = Arm(
    "markersteal, cold", (_MARKERSTEAL,), "kept", forgets=(".markersteal",), keeps_marks=True
)
WARM = Arm("markersteal, warm", (_MARKERSTEAL,), "kept", training=_MARKERSTEAL, keeps_marks=True)

ARMS = (
    WORKSTEAL,
    LOAD,
    LOAD_ONE,
    LOADSCOPE,
    LOADFILE,
    TWO_PASSES,
    LOCKS,
    BALANCED,
    SLOWEST,
    EXCLUSIVES,
    COLD,
    WARM,
)


def arms_for(has_marks: bool) -> tuple[Arm, ...]:
    """The arms that say something about a suite.

    On a suite with marks worksteal stands for all that ignore them: their tests meet.
    """
    if has_marks:
        return tuple(arm for arm in ARMS if arm.keeps_marks or arm is WORKSTEAL)
    return tuple(arm for arm in ARMS if not arm.needs_marks)
