"""What a page says in text: tables, for everybody who doesn't look at charts too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_markersteal.report.explain import cause_words
from pytest_markersteal.report.findings import Findings
from pytest_markersteal.simulate.curve import Point, floor_stops_at
from pytest_markersteal.trace.model import TestRun
from pytest_markersteal.words import count, limit_label, limit_phrase

MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` below ``head``; ``numbers`` tells which columns are to be aligned to the right."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[bool]
    note: str = ""


def facts(runs: Sequence[Findings]) -> Table:
    """The figures of one run, or of several beside each other."""
    columns = [_facts(found) for found in runs]
    names = list(dict.fromkeys(name for column in columns for name in column))
    return Table(
        "The run" if len(runs) == 1 else "The runs",
        ["", *(found.name for found in runs)],
        [[name, *(column.get(name, "0") for column in columns)] for name in names],
        [False] * (1 + len(runs)),
    )


def _facts(found: Findings) -> dict[str, str]:
    trace, gap = found.trace, found.explanation.gap
    floor_s = gap.floor.total_s
    busy_s = sum(run.busy_s for run in trace.tests)
    end = trace.end
    if end is None:
        ended = "no: its controller was killed"
    else:
        ended = end.why or f"yes, exit status {end.exit_status}"
    outcomes = Counter(run.outcome for run in trace.tests)
    return {
        "began": trace.head.began,
        "arguments": " ".join(trace.head.arguments),
        "mode": trace.head.dist or "without xdist",
        "workers": f"{trace.head.slots:,}",
        "tests": f"{len(trace.tests):,}",
        **{name: f"{number:,}" for name, number in outcomes.most_common()},
        "came to its end": ended,
        "until the first test": f"{gap.startup_s:.2f} s",
        "from the first test to the last": f"{gap.wall_s:.2f} s",
        "floor": f"{floor_s:.2f} s"
        + (f" ({gap.wall_s / floor_s:.2f} times that)" if floor_s else ""),
        "held by": limit_phrase(gap.floor.limit, found.limit_test(), found.slots, floor_s),
        "slots that ran tests": f"{_share(busy_s, found.slots * gap.wall_s)} of the time",
    }


def gap_table(found: Findings) -> Table:
    """What the run took beyond the floor, by cause."""
    gap = found.explanation.gap
    rows = [
        [cause_words(cause), f"{seconds:.2f}", _share(seconds, gap.wall_s)]
        for cause, seconds in gap.by_cause_s.items()
        if abs(seconds) >= 0.005
    ]
    return Table(
        "Why it took longer than the floor",
        ["cause", "seconds", "of the run"],
        [*rows, ["all", f"{gap.seconds:.2f}", _share(gap.seconds, gap.wall_s)]],
        [False, True, True],
    )


def changes_that_help(found: Findings) -> Table | None:
    """What would help most; None where nothing would."""
    changes = found.explanation.changes
    if not changes:
        return None
    return Table(
        "What would help most",
        ["change", "seconds now", "with it"],
        [[change.text, f"{change.before_s:.2f}", f"{change.after_s:.2f}"] for change in changes],
        [False, True, True],
        "As simulated runs predict, without start-up.",
    )


def path_table(found: Findings) -> Table:
    """All steps of the critical path."""
    trace, path = found.trace, found.explanation.path
    return Table(
        "The critical path",
        ["at", "waited", "for", "took", "slot", "test"],
        [
            [
                f"{step.run.span.since_s:.2f}",
                f"{step.wait_s:.2f}",
                "" if step.cause is None else cause_words(step.cause),
                f"{step.run.span.seconds:.2f}",
                str(trace.slot(step.run)),
                trace.ids[step.run.test],
            ]
            for step in path
        ],
        [True, True, False, True, True, False],
        f"What the end of the run waited for, {count(len(path), 'test')}. Seconds.",
    )


def slowest_table(found: Findings) -> Table:
    """The tests that took longest."""
    trace = found.trace
    runs = sorted(trace.tests, key=lambda run: -run.own_s)[:MOST_ROWS]
    return Table(
        "The slowest tests",
        ["took", "predicted", "CPU", "slot", "outcome", "test"],
        [
            [
                f"{run.own_s:.3f}",
                _seconds(trace.predicted_s[run.test]),
                f"{run.cpu_s:.3f}",
                str(trace.slot(run)),
                run.outcome,
                trace.ids[run.test],
            ]
            for run in runs
        ],
        [True, True, True, True, False, False],
        "Seconds, without the set-up of what tests share.",
    )


def estimates_table(found: Findings) -> Table | None:
    """The tests whose predictions were furthest off; None where nothing was predicted."""
    trace = found.trace
    known = [
        (run, predicted_s)
        for run in trace.tests
        if (predicted_s := trace.predicted_s[run.test]) is not None
    ]
    if not known:
        return None
    worst = sorted(known, key=lambda item: -abs(item[0].own_s - item[1]))[:MOST_ROWS]
    actual_s, predicted_s = (sum(run.own_s for run, _ in known), sum(s for _, s in known))
    return Table(
        "The predictions that were furthest off",
        ["off by", "took", "predicted", "test"],
        [
            [f"{run.own_s - s:+.3f}", f"{run.own_s:.3f}", f"{s:.3f}", trace.ids[run.test]]
            for run, s in worst
        ],
        [True, True, True, False],
        f"Known for {len(known):,} of {count(len(trace.tests), 'test')}: predicted "
        f"{predicted_s:.2f} s together, they took {actual_s:.2f} s.",
    )


def curve_table(found: Findings) -> Table:
    """The points of the curve."""
    stop = floor_stops_at(found.curve)
    note = "The run in simulation, with exact durations and without start-up."
    if stop is not None:
        note += f" From {count(stop.workers, 'worker')} on, more don't lower the floor."
    return Table(
        "More and fewer workers",
        ["workers", "seconds", "floor", "held by"],
        [
            [str(p.workers), f"{p.makespan_s:.2f}", f"{p.floor_s:.2f}", _held_by(found, p)]
            for p in found.curve
        ],
        [True, True, True, False],
        note,
    )


def differences_table(before: Findings, after: Findings) -> Table:
    """The tests of two runs whose outcomes, and then whose durations, differ most."""
    first, second = _by_id(before), _by_id(after)
    both = [node_id for node_id in first if node_id in second]
    changed = sorted(
        both,
        key=lambda node_id: (
            first[node_id].outcome == second[node_id].outcome,
            -abs(first[node_id].own_s - second[node_id].own_s),
        ),
    )[:MOST_ROWS]
    own = f"{count(len(first) - len(both), 'test')} only in the first run"
    return Table(
        "What differs most",
        ["first took", "second took", "difference", "first", "second", "test"],
        [
            [
                f"{first[node_id].own_s:.3f}",
                f"{second[node_id].own_s:.3f}",
                f"{second[node_id].own_s - first[node_id].own_s:+.3f}",
                first[node_id].outcome,
                second[node_id].outcome,
                node_id,
            ]
            for node_id in changed
        ],
        [True, True, True, False, False, False],
        f"Seconds. Other outcomes first, then other durations. {own}, "
        f"{len(second) - len(both):,} only in the second.",
    )


def _by_id(found: Findings) -> dict[str, TestRun]:
    """The last time that each test ran."""
    return {found.trace.ids[run.test]: run for run in found.trace.tests}


def _held_by(found: Findings, point: Point) -> str:
    test = point.limit.test
    return limit_label(point.limit, None if test is None else found.ids[test])


def _seconds(seconds: float | None) -> str:
    return "not known" if seconds is None else f"{seconds:.3f}"


def _share(part_s: float, whole_s: float) -> str:
    return f"{part_s / whole_s:.1%}" if whole_s else "-"
