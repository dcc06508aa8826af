"""The oracle: replays the log of an inner run and says what was wrong with it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

Event = dict[str, Any]

_NOT_RUN = re.compile(r"^not run: ([\d,]+) tests? \((.*?)\): (.*)$", re.MULTILINE)
CRASH = "???"
"""What xdist puts into ``when`` of the report that blames a test for a crash."""


class Ledger:
    """What became of each test of an inner run."""

    def __init__(self, status: int, output: str, events: list[Event]) -> None:
        self.status = status
        self.output = output
        self.events = events
        collected = self.of("collected")
        self.collected: list[str] = collected[0]["ids"] if collected else []
        self.started = [e["nodeid"] for e in self.of("begin")]
        self.ended = [e["nodeid"] for e in self.of("end")]
        reports = self.of("report")
        self.crashed = [e["nodeid"] for e in reports if e["when"] == CRASH]
        self.passed = [
            e["nodeid"] for e in reports if e["when"] == "call" and e["outcome"] == "passed"
        ]
        self.failed = [
            e["nodeid"] for e in reports if e["when"] != CRASH and e["outcome"] == "failed"
        ]
        told = _NOT_RUN.search(output)
        self.not_run = int(told[1].replace(",", "")) if told else 0
        self.why = told[2] if told else None

    def of(self, kind: str) -> list[Event]:
        """The events of one kind."""
        return [event for event in self.events if event["event"] == kind]

    def names(self, node_ids: list[str]) -> list[str]:
        """Test names without their module, sorted."""
        return sorted(node_id.partition("::")[2] for node_id in node_ids)

    def workers_of(self, pattern: str) -> list[str]:
        """The workers that began tests whose node id contains ``pattern``, in order."""
        return [e["worker"] for e in self.of("begin") if pattern in e["nodeid"]]

    def check(self, *, status: int, crashed: list[str] | None = None, not_run: int = 0) -> Ledger:
        """Assert that nothing was lost, doubled, blamed wrongly or run side by side."""
        problems = [*self.losses(), *self.overlaps()]
        if self.status != status:
            problems.append(f"the exit status is {self.status}, not {status}")
        if self.names(self.crashed) != sorted(crashed or []):
            problems.append(f"blamed {self.names(self.crashed)}, not {sorted(crashed or [])}")
        if self.not_run != not_run:
            problems.append(f"{self.not_run} told as not run, not {not_run}")
        if "INTERNALERROR" in self.output:
            problems.append("there was an internal error")
        assert not problems, "\n".join([*problems, "", self.output])
        return self

    def losses(self) -> list[str]:
        """Tests that ran twice, or ended and were not reported, or died and were not blamed."""
        problems = []
        started, ended, crashed = map(Counter, (self.started, self.ended, self.crashed))
        reported = Counter(e["nodeid"] for e in self.of("report") if e["when"] == "teardown")
        if not self.collected:
            problems.append("nothing was collected")
        not_run = 0
        for test in self.collected:
            if started[test] > 1:
                problems.append(f"{test} ran {started[test]} times")
            if ended[test] != reported[test]:
                problems.append(f"{test} ended {ended[test]} times, told {reported[test]} times")
            if crashed[test] != started[test] - ended[test]:
                problems.append(
                    f"{test} was blamed {crashed[test]} times, "
                    f"but began {started[test]} and ended {ended[test]} times"
                )
            not_run += not started[test]
        if not_run != self.not_run:
            problems.append(f"{not_run} tests never began, {self.not_run} told as not run")
        if self.not_run and not self.why:
            problems.append("no reason was given for the tests that were not run")
        return problems

    def overlaps(self) -> list[str]:
        """Tests that ran side by side against their marks."""
        problems = []
        running: dict[str, Event] = {}
        for event in self.events:
            if event["event"] == "begin":
                problems += [
                    f"{event['nodeid']} began while {other['nodeid']} ran"
                    for other in running.values()
                    if _conflict(event, other)
                ]
                running[event["worker"]] = event
            elif event["event"] in ("end", "down"):
                running.pop(event["worker"], None)
        return problems


def _conflict(one: Event, other: Event) -> bool:
    if one["no_parallel"] or other["no_parallel"]:
        return True
    if one["serial"] and other["serial"]:
        return True
    return bool(set(one["keys"]) & set(other["keys"]))
