"""What watching has found, in the form that all commands share."""

from __future__ import annotations

from pytest_markersteal.races import findings as common
from pytest_markersteal.races.watch.findings import CONFLICT, LEAK, Finding, Remnant, Use
from pytest_markersteal.races.watch.state import INTERPRETER

FOUND_BY = "watch"

MOST_EVIDENCE = 20
"""How many lines of evidence there are at most for each finding; the file has all."""


def as_common(finding: Finding) -> common.Finding:
    """``finding`` for ``markersteal propose``; who is harmed is not known from watching.

    Among the culprits are classes and modules whose fixtures used the thing: any test in there may
    be the one for which they are set up or torn down, even one that is skipped.
    """
    places = dict.fromkeys(use.place for use in finding.uses if use.place)
    thing = thing_words(finding)
    tests = f"{finding.tests[0]} and {len(finding.tests) - 1} more"
    who = " and ".join(finding.tests) if len(finding.tests) <= 2 else tests
    if finding.kind == LEAK:
        doubt = ", which is often harmless" if finding.is_doubtful else ""
        story = f"{who} left {thing} changed{doubt}."
    elif finding.kind == CONFLICT:
        story = f"{thing} was used by {who} at the same time, and changed."
    else:
        story = f"{thing} was used by {who} and changed, though not at the same time yet."
    return common.Finding(
        kind=finding.kind,
        found_by=FOUND_BY,
        victims=(),
        culprits=(*finding.tests, *places),
        thing=thing,
        story=story,
        evidence=tuple(
            [*map(_use, finding.uses), *map(_remnant, finding.remnants)][:MOST_EVIDENCE]
        ),
        reproduce="",
        mark=finding.mark,
        advice=finding.advice,
    )


def thing_words(finding: Finding) -> str:
    """What kind of thing it is about, and its name."""
    kind = "" if finding.thing_kind == INTERPRETER else f"{finding.thing_kind} "
    return f"{kind}{finding.thing}"


def _use(use: Use) -> str:
    return (
        f"{who(use)} on {use.worker}: {use.how} in {use.phase}, "
        f"{use.since_s:.3f} to {use.until_s:.3f} s"
    )


def _remnant(one: Remnant) -> str:
    phase = f" in {one.phase}" if one.phase else ""
    return f"{who(one)} on {one.worker}{phase}: {one.was} -> {one.now}"


def who(one: Use | Remnant) -> str:
    """The test, and the fixture where it was one that was set up for it."""
    return f"{one.test} ({one.fixture})" if one.fixture else one.test
