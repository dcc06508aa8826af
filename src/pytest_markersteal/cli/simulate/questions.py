"""What-if questions on the command line, and their answers."""

from __future__ import annotations

import argparse
from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

from pytest_markersteal.cli.usage import UsageError, one_of, ranges
from pytest_markersteal.simulate.whatif import (
    MARKS,
    WhatIfError,
    per_host,
    sped_up,
    unmarked,
    without_key,
)
from pytest_markersteal.simulate.workloads import Workload

_MOST = 1000.0
"""The largest factor, and one over the least."""
_UNMARKED = "tests without these marks share nothing"
_APART = "tests on different hosts don't share it"


@dataclass(frozen=True, slots=True)
class Question:
    """What if the suite were as ``ask`` makes it? ``text`` is the option that asks it.

    ``proviso`` is what the answer supposes, which nobody has checked.
    """

    text: str
    ask: Callable[[Workload], Workload]
    proviso: str = ""


def add_questions(parser: argparse.ArgumentParser) -> None:
    """Declare the options; all questions are in ``questions``, in the order of the command line."""
    own = parser.add_argument_group("curves and what-if questions")
    own.add_argument(
        "--workers",
        metavar="N[-N][,...]",
        type=ranges(1),
        help="the numbers of workers, such as 1-64 or 1-8,16 (default: that of the trace, else 4)",
    )

    def add(option: str, metavar: str, read: Callable[[str], Question], text: str) -> None:
        own.add_argument(
            option,
            dest="questions",
            metavar=metavar,
            type=read,
            action="append",
            default=[],
            help=text,
        )

    add("--without-key", "KEY", _without_key, "what if no test claimed KEY?")
    add("--per-host", "KEY", _per_host, "what if KEY were claimed with scope='host'?")
    add("--unmark", "MARK", _unmark, f"what if no test had MARK, one of {', '.join(MARKS)}?")
    add(
        "--speedup",
        "PATTERN=FACTOR",
        _speedup,
        "what if tests whose node ids match PATTERN, in which * is any text, were so many times as "
        "fast?",
    )


def changed(workload: Workload, questions: Sequence[Question]) -> Workload:
    """``workload`` with all that is asked; ``UsageError`` if it has nothing of the kind."""

    def ask(asked: Workload, question: Question) -> Workload:
        try:
            return question.ask(asked)
        except WhatIfError as error:
            raise UsageError(f"{question.text}: {error} ({workload.name})") from error

    return reduce(ask, questions, workload)


def _without_key(key: str) -> Question:
    return Question(f"--without-key {key}", lambda workload: without_key(workload, key), _UNMARKED)


def _per_host(key: str) -> Question:
    return Question(f"--per-host {key}", lambda workload: per_host(workload, key), _APART)


def _unmark(text: str) -> Question:
    mark = one_of(MARKS)(text)
    return Question(f"--unmark {mark}", lambda workload: unmarked(workload, mark), _UNMARKED)


def _speedup(text: str) -> Question:
    # Node ids may have "=" in them, factors not.
    pattern, equals, factor_text = text.rpartition("=")
    try:
        factor = float(factor_text)
    except ValueError:
        factor = 0.0
    if not (equals and pattern and 1 / _MOST <= factor <= _MOST):
        raise ArgumentTypeError(
            f"{text!r} is not PATTERN=FACTOR with a factor from {1 / _MOST:g} to {_MOST:g}, such "
            "as 'tests/e2e/*=2'"
        )
    return Question(f"--speedup {text}", lambda workload: sped_up(workload, pattern, factor))
