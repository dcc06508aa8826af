"""Curves over numbers of workers, and answers to what-if questions, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pytest_markersteal.cli.simulate.bars import bars, letters
from pytest_markersteal.cli.simulate.questions import Question
from pytest_markersteal.cli.simulate.suites import Suite
from pytest_markersteal.cli.table import table
from pytest_markersteal.core.floor import Limit
from pytest_markersteal.durations.exporting import seconds_text, shown
from pytest_markersteal.simulate.curve import Point, floor_stops_at
from pytest_markersteal.simulate.workloads import Workload
from pytest_markersteal.words import count, limit_label, limit_phrase

JSON_VERSION = 1


@dataclass(frozen=True, slots=True)
class Curve:
    """A workload and its points, ordered by workers."""

    workload: Workload
    points: Sequence[Point]

    def test(self, limit: Limit) -> str | None:
        """The node id of the test that ``limit`` names."""
        return None if limit.test is None else self.workload.ids[limit.test]

    def label(self, limit: Limit) -> str:
        """``limit`` in a table."""
        return shown(limit_label(limit, self.test(limit)))

    def phrase(self, limit: Limit) -> str:
        """``limit`` in a sentence on the most workers."""
        return shown(limit_phrase(limit, self.test(limit), self.points[-1].workers))


@dataclass(frozen=True, slots=True)
class Answer:
    """A suite as it is and, if anything was asked, as it would be; on the same workers."""

    suite: Suite
    asked: Sequence[Question]
    now: Curve
    then: Curve | None

    @property
    def curve(self) -> Curve:
        """What the answer is about."""
        return self.then or self.now


def lines_of(answer: Answer) -> list[str]:
    """A table, and what it comes to."""
    lines = [*_title(answer), ""]
    if len(answer.now.points) > 1:
        lines += [*_curve(answer), "", *_gain(answer), _stop(answer.curve)]
    else:
        lines += [*_rows(answer), "", *_gain(answer)]
        (point,) = answer.curve.points
        lines.append(f"the floor is limited by {answer.curve.phrase(point.limit)}")
    return lines + ([answer.suite.note] if answer.suite.note else [])


def _title(answer: Answer) -> Iterator[str]:
    title = f"{shown(answer.suite.name)}: {count(len(answer.now.workload.ids), 'test')}"
    ran = answer.suite.ran
    if ran is not None:
        workers = count(ran.workers, "worker")
        title += f"; the run took {seconds_text(ran.makespan_s)} on {workers}"
        title += f" with --dist {shown(ran.dist)}" if ran.dist else ""
    hosts = answer.now.workload.hosts
    yield title + (f"; simulated on {count(hosts, 'host')}" if hosts > 1 else "")
    if answer.asked:
        yield f"what if: {' '.join(shown(question.text) for question in answer.asked)}"


def _curve(answer: Answer) -> list[str]:
    floor, beyond = letters()
    points = answer.curve.points
    head = ["n", "makespan s", "floor s", "limited by", f"{floor} floor {beyond} makespan"]
    rows = [
        [*_cells(point, answer.curve), bar] for point, bar in zip(points, bars(points), strict=True)
    ]
    if answer.then is not None:
        head.insert(1, "as it is s")
        for row, point in zip(rows, answer.now.points, strict=True):
            row.insert(1, f"{point.makespan_s:,.2f}")
    return table(head, rows, ">" * (len(head) - 2) + "<<")


def _rows(answer: Answer) -> list[str]:
    """One number of workers: what is, above what would be."""
    rows = [["as it is", *_cells(answer.now.points[0], answer.now)]]
    if answer.then is not None:
        rows.append(["as asked", *_cells(answer.then.points[0], answer.then)])
    return table(["", "n", "makespan s", "floor s", "limited by"], rows, "<>>><")


def _cells(point: Point, curve: Curve) -> list[str]:
    return [
        str(point.workers),
        f"{point.makespan_s:,.2f}",
        f"{point.floor_s:,.2f}",
        curve.label(point.limit),
    ]


def _gain(answer: Answer) -> Iterator[str]:
    """What is gained on the usual number of workers, or on the most."""
    if answer.then is None:
        return
    pairs = list(zip(answer.now.points, answer.then.points, strict=True))
    usual = [pair for pair in pairs if pair[0].workers == answer.suite.usual_workers]
    now, then = (usual or pairs)[-1]
    less = 1 - then.makespan_s / now.makespan_s
    share = f"{less:.0%} less" if less >= 0 else f"{-less:.0%} more"
    line = (
        f"on {count(now.workers, 'worker')}: {seconds_text(now.makespan_s)} to "
        f"{seconds_text(then.makespan_s)} ({share})"
    )
    provisos = dict.fromkeys(one.proviso for one in answer.asked if one.proviso)
    yield line + (f", if {' and '.join(provisos)}" if provisos else "")


def _stop(curve: Curve) -> str:
    stop = floor_stops_at(curve.points)
    if stop is None:
        last = curve.points[-1]
        workers = count(last.workers, "worker")
        return f"the floor still falls at {workers}, limited by {curve.phrase(last.limit)}"
    workers = count(stop.workers, "worker")
    return f"from {workers} on the floor falls no further, limited by {curve.phrase(stop.limit)}"


def json_of(answers: Sequence[Answer]) -> str:
    """``answers`` for programs."""
    content = {
        "format": "pytest-markersteal curves",
        "version": JSON_VERSION,
        "suites": [
            {
                "name": answer.suite.name,
                "tests": len(answer.now.workload.ids),
                "hosts": answer.now.workload.hosts,
                "cores": answer.suite.cpu.cores if answer.suite.cpu else None,
                "run": asdict(answer.suite.ran) if answer.suite.ran else None,
                "questions": [question.text for question in answer.asked],
                "as_it_is": _content(answer.now),
                "as_asked": _content(answer.then) if answer.then else None,
            }
            for answer in answers
        ],
    }
    return json.dumps(content, indent=1)


def _content(curve: Curve) -> dict[str, Any]:
    def limit_of(limit: Limit) -> dict[str, Any]:
        return {**asdict(limit), "test": curve.test(limit)}

    stop = floor_stops_at(curve.points)
    return {
        "points": [{**asdict(point), "limit": limit_of(point.limit)} for point in curve.points],
        "floor_stops_at": stop and {"workers": stop.workers, "limit": limit_of(stop.limit)},
    }
