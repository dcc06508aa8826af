"""What an audit tells, in tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pytest_markersteal.races.audit.model import Audit, Reason, Risk
from pytest_markersteal.races.audit.rules import HIGH, MEDIUM, RULES
from pytest_markersteal.report.page.tables import MOST_ROWS, Table
from pytest_markersteal.words import count

_UNKNOWN = "-"
_LEAST_S = 0.005
"""What would be shown as nothing is not worth a line."""
_SCOPES = ("session", "package", "module", "class", "function")


def tables(audit: Audit) -> list[Table]:
    """All that have something to tell."""
    every = [
        suite_table(audit),
        risk_table(audit.risks),
        reasons_table(audit.risks),
        marks_table(audit),
        async_table(audit),
        scopes_table(audit),
        fixtures_table(audit),
        repeated_table(audit),
        waiting_table(audit),
        facts_table(audit),
        unread_table(audit),
    ]
    return [table for table in every if table.rows]


def suite_table(audit: Audit) -> Table:
    """The suite, and the run from which times come."""
    run = audit.run
    rows = [
        ["tests", f"{audit.tests:,} in {count(audit.files, 'file')}"],
        ["asynchronous tests", f"{sum(use.tests for use in audit.asynchronous):,}"],
        ["asyncio mode", audit.asyncio_mode or "without pytest-asyncio"],
        ["findings of commands", f"{audit.findings:,}"],
    ]
    if run is None:
        rows.append(["run", "no trace: times are not known"])
    else:
        share = f" ({run.cpu_s / run.wall_s:.0%} of it)" if run.wall_s else ""
        rows += [
            ["run", f"{run.name}: {count(run.tests, 'test')} on {count(run.workers, 'worker')}"],
            ["seconds of all its tests", f"{run.wall_s:.2f}"],
            ["CPU seconds of all its tests", f"{run.cpu_s:.2f}{share}"],
        ]
    return Table("The suite", ["", ""], rows, [False, False])


def risk_table(risks: Sequence[Risk]) -> Table:
    """Folders by risk."""
    return Table(
        "Risk by folder",
        ["risk", "weights", "tests", "folder", "because of"],
        [
            [
                risk.level,
                str(risk.weights),
                f"{risk.tests:,}",
                risk.folder,
                ", ".join(map(_counted, risk.reasons)) or "nothing found",
            ]
            for risk in risks
        ],
        [False, True, True, False, False],
        f"The sum of the weights of what there is: high from {HIGH} on, medium from {MEDIUM}. It "
        "says where to look first, not what is wrong.",
    )


def reasons_table(risks: Sequence[Risk]) -> Table:
    """Each reason with its rule, and the first places of it."""
    return Table(
        "Reasons",
        ["weight", "how many", "what", "why it matters", "folder", "where, for example"],
        [
            [
                str(RULES[reason.kind].weight),
                f"{reason.count:,}",
                RULES[reason.kind].what,
                RULES[reason.kind].why,
                risk.folder,
                ", ".join(reason.where),
            ]
            for risk in risks
            for reason in risk.reasons
        ],
        [True, True, False, False, False, False],
    )


def _counted(reason: Reason) -> str:
    return f"{RULES[reason.kind].what} ({reason.count:,})"


def marks_table(audit: Audit) -> Table:
    """Marks in use, and what their tests took."""
    return Table(
        "Marks",
        ["tests", "seconds", "mark"],
        [[f"{use.tests:,}", _seconds(use.seconds), use.name] for use in audit.marks],
        [True, True, False],
    )


def async_table(audit: Audit) -> Table:
    """How asynchronous tests are run, and what in them runs at the same time."""
    rows = [
        [
            f"{use.tests:,}",
            _noun(use.tests, "test"),
            f"run by {use.runner}",
            use.loop_scope or _UNKNOWN,
        ]
        for use in audit.asynchronous
    ]
    own = sum(fixture.is_async for fixture in audit.fixtures)
    if own:
        rows.append([f"{own:,}", _noun(own, "fixture"), "asynchronous", _UNKNOWN])
    operations = Counter(
        fact.text.partition("(")[0] for fact in audit.facts if fact.kind == "concurrent"
    )
    rows += [
        [f"{number:,}", _noun(number, "call"), f"of {name}", _UNKNOWN]
        for name, number in sorted(operations.items(), key=lambda item: (-item[1], item[0]))
    ]
    return Table("Asynchronous", ["number", "of", "how", "loop"], rows, [True, *[False] * 3])


def _noun(number: int, noun: str) -> str:
    """What ``count`` says behind the number."""
    return count(number, noun).partition(" ")[2]


def scopes_table(audit: Audit) -> Table:
    """Fixtures by scope."""

    def rows() -> Iterator[list[str]]:
        for scope in _SCOPES:
            some = [one for one in audit.fixtures if one.scope == scope]
            known = [one for one in some if one.seconds is not None]
            if some:
                yield [
                    scope,
                    f"{len(some):,}",
                    f"{sum(one.autouse for one in some):,}",
                    f"{sum(one.setups or 0 for one in known):,}" if known else _UNKNOWN,
                    _seconds(sum(one.seconds or 0.0 for one in known) if known else None),
                ]

    return Table(
        "Fixtures by scope",
        ["scope", "fixtures", "autouse", "set-ups", "seconds"],
        list(rows()),
        [False, True, True, True, True],
        "Those that tests use. A trace tells of set-ups of wider scope than function.",
    )


def fixtures_table(audit: Audit) -> Table:
    """The fixtures that took longest."""
    dearest = [one for one in audit.fixtures if (one.seconds or 0.0) >= _LEAST_S][:MOST_ROWS]
    return Table(
        "The dearest fixtures",
        ["seconds", "set-ups", "workers", "tests", "scope", "fixture", "where"],
        [
            [
                _seconds(one.seconds),
                f"{one.setups:,}",
                f"{one.workers:,}",
                f"{one.tests:,}",
                one.scope,
                f"{one.name} (autouse)" if one.autouse else one.name,
                one.where,
            ]
            for one in dearest
        ],
        [True, True, True, True, False, False, False],
        "Seconds of all set-ups together, without fixtures that they asked for.",
    )


def repeated_table(audit: Audit) -> Table:
    """Session fixtures that each worker sets up for itself."""
    repeated = [one for one in audit.fixtures if one.repeated_s >= _LEAST_S]
    return Table(
        "Session fixtures set up by several workers",
        ["seconds", "of these repeated", "workers", "fixture", "where"],
        [
            [
                _seconds(one.seconds),
                _seconds(one.repeated_s),
                f"{one.workers:,}",
                one.name,
                one.where,
            ]
            for one in sorted(repeated, key=lambda one: -one.repeated_s)[:MOST_ROWS]
        ],
        [True, True, True, False, False],
        "What is repeated could be set up once, outside of the workers.",
    )


def waiting_table(audit: Audit) -> Table:
    """Tests that wait rather than work."""
    return Table(
        "Tests that wait rather than work",
        ["seconds", "CPU", "test"],
        [[f"{one.wall_s:.2f}", f"{one.cpu_s:.2f}", one.test] for one in audit.waiting[:MOST_ROWS]],
        [True, True, False],
        f"{count(len(audit.waiting), 'test')}. On a machine that is busy with other things all "
        "tests wait.",
    )


def facts_table(audit: Audit) -> Table:
    """What the source of tests and conftests does that others may notice."""
    return Table(
        "State touched, as the source says",
        ["what", "where", "in", "source"],
        [
            [
                RULES[fact.kind].what,
                f"{fact.path}:{fact.line}",
                fact.function or "the module",
                fact.text,
            ]
            for fact in sorted(audit.facts, key=lambda fact: -RULES[fact.kind].weight)
        ],
        [False] * 4,
        f"{count(len(audit.facts), 'place')} in tests and conftests; helpers are not looked into.",
    )


def unread_table(audit: Audit) -> Table:
    """Files that could not be looked at."""
    return Table("Not looked at", ["file"], [[one] for one in audit.unread], [False])


def _seconds(seconds: float | None) -> str:
    return _UNKNOWN if seconds is None else f"{seconds:.2f}"
