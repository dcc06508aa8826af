"""A history in formats for people and for other tools.

Text has one line for each function, each test with a value of its own, fixture and start-up,
sorted, so that a diff of two texts reads like what changed. Equal histories give equal text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.durations.buckets import seconds_of
from pytest_markersteal.durations.history import Function, History, Startup, Times
from pytest_markersteal.durations.summing import needs

JSON_FORMAT = "pytest-markersteal durations as JSON"
JSON_VERSION = 1


def seconds_text(seconds: float) -> str:
    """Three digits, as far as they mean something: "0.0021 s", "1.23 s", "1,234 s"."""
    if not seconds:
        return "0 s"
    digits = 4
    for bound in (0.1, 1, 10, 100):
        if seconds < bound:
            break
        digits -= 1
    return f"{seconds:,.{digits}f} s"


def shown(name: str) -> str:
    """``name`` on one line that any terminal can show."""
    if name.isprintable():
        return name
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in name
    )


def as_text(history: History) -> Iterator[str]:
    """Lines without their ends."""
    yield f"# durations of {history.platform or 'some platform'}, written {history.written or '-'}"
    for name, function in sorted(history.functions.items()):
        tests = "" if function.tests == 1 else f" each of {function.tests} tests"
        total = seconds_text(function.shared.times().total_s)
        yield f"{shown(name)}  {total}{tests}{_marks(function.demand(''))}"
        special = function.own.keys() | function.demands.keys() - {""}
        for parameters in sorted(special):
            seconds = seconds_text(function.times(parameters).total_s)
            yield f"{shown(name + parameters)}  {seconds}{_marks(function.demand(parameters))}"
        for platform, own in sorted(function.platforms.items()):
            for parameters, bucket in sorted(own.items()):
                seconds = seconds_text(seconds_of(bucket))
                yield f"{shown(name + parameters)}  {seconds} on {shown(platform)}"
    for fixture, bucket in sorted(history.fixtures.items()):
        node = shown(fixture.node) or "the session"
        yield f"{fixture.scope} fixture {shown(fixture.name)} of {node}  " + seconds_text(
            seconds_of(bucket)
        )
    for selection, startup in sorted(history.startups.items(), key=lambda item: item[0]):
        marks = f" -m {shown(selection.marks)!r}" if selection.marks else ""
        yield f"start of {shown(selection.path) or '.'}{marks}  {_startup_text(startup)}"


def as_json(history: History) -> str:
    """All of it; all durations in seconds. See docs/durations.md."""
    content = {
        "format": JSON_FORMAT,
        "version": JSON_VERSION,
        "platform": history.platform,
        "written": history.written,
        "functions": {
            name: _function_json(function) for name, function in sorted(history.functions.items())
        },
        "fixtures": [
            {**fixture._asdict(), "setup_s": _rounded(seconds_of(bucket))}
            for fixture, bucket in sorted(history.fixtures.items())
        ],
        "startups": [
            {
                **selection._asdict(),
                **{k: v if v is None else _rounded(v) for k, v in startup._asdict().items()},
            }
            for selection, startup in sorted(history.startups.items(), key=lambda item: item[0])
        ],
    }
    return json.dumps(content, indent=1)


def as_pytest_split(history: History, node_ids: Iterable[str] = ()) -> tuple[str, int]:
    """The content of a ``.test_durations`` file, and how many tests are missing in it.

    With ``node_ids``: of these, as far as they are known. Without: of the tests of which the
    history has the names, which are those with a value of their own, and functions of one test.
    """
    seconds: dict[str, float] = {}
    missing = 0
    node_ids = list(node_ids)
    for node_id in node_ids or _named(history):
        times = history.times(node_id)
        if times is None:
            missing += 1
        else:
            seconds[node_id] = _rounded(times.total_s)
    if not node_ids:
        missing = sum(function.tests for function in history.functions.values()) - len(seconds)
    return json.dumps(seconds, indent=4, sort_keys=True), missing


def demand_json(demand: Demand) -> list[str]:
    """The marks of a test as one would write them."""
    return list(needs(demand))


def _named(history: History) -> Iterator[str]:
    for name, function in history.functions.items():
        named = function.own.keys() | function.demands.keys() - {""}
        if function.tests == 1 and not named:
            yield name
        yield from (name + parameters for parameters in named)


def _marks(demand: Demand) -> str:
    return "".join(f"  {shown(need)}" for need in needs(demand))


def _startup_text(startup: Startup) -> str:
    share = startup.waiting_share
    waiting = "" if share is None else f", tests wait {share:.0%} of their time"
    return (
        f"{seconds_text(startup.launch_s)} to launch a worker, "
        f"{seconds_text(startup.ready_cpu_s)} to be ready, "
        f"{seconds_text(startup.collect_cpu_s)} to collect, "
        f"{seconds_text(startup.report_cpu_s * 1000)} for 1,000 reports{waiting}"
    )


def _function_json(function: Function) -> dict[str, Any]:
    content: dict[str, Any] = {"tests": function.tests, **_times_json(function.shared.times())}
    if function.own:
        content["own_s"] = _own_json(function.own)
    if function.demands:
        content["marks"] = {p: demand_json(d) for p, d in sorted(function.demands.items())}
    if function.platforms:
        content["platforms_s"] = {
            platform: _own_json(own) for platform, own in sorted(function.platforms.items())
        }
    return content


def _own_json(own: Any) -> dict[str, float]:
    return {parameters: _rounded(seconds_of(bucket)) for parameters, bucket in sorted(own.items())}


def _times_json(times: Times) -> dict[str, float]:
    return {part: _rounded(seconds) for part, seconds in times._asdict().items()}


def _rounded(seconds: float) -> float:
    """Without digits that mean nothing."""
    return float(f"{seconds:.4g}")
