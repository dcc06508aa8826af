"""What plugins produce in a run, without what differs from run to run: times, hosts, workers."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import told


class Run(NamedTuple):
    """One run of a plugin's suite."""

    folder: Path
    exit_status: int
    output: str
    of_test: dict[str, list[str]]
    """What the controller was told of each test, in order; see ``plugin_reports.py``."""
    ran: list[list[str]]
    """Worker and test, in the order of their starts as the controller saw them."""


def pairs(run: Run) -> object:
    """Fixtures that were not torn down as often as they were set up: none."""
    return told.unpaired(run.folder)


def order(run: Run) -> object:
    """In which order the tests ran of those modules that rely on it."""
    modules = ("test_group.py", "test_key.py")
    return {
        module: [test for _, test in run.ran if test.startswith(f"{module}::")]
        for module in modules
    }


def coverage(run: Run) -> object:
    """Lines and branches of each file, and which tests ran each line."""
    kept = ("executed_lines", "missing_lines", "executed_branches", "missing_branches")
    files = json.loads((run.folder / "coverage.json").read_text())["files"]
    return {
        name: {
            **{key: file[key] for key in kept},
            "contexts": {line: sorted(tests) for line, tests in file["contexts"].items()},
        }
        for name, file in files.items()
    }


def benchmarks(run: Run) -> object:
    """Which benchmarks have results."""
    path = run.folder / "benchmark.json"
    text = path.read_text() if path.exists() else ""
    results = json.loads(text)["benchmarks"] if text else []
    return sorted(one["name"] for one in results)


def cucumber(run: Run) -> object:
    """Scenarios and steps with their results."""
    features = json.loads((run.folder / "cucumber.json").read_text())
    return _sorted(_without(features, {"duration"}))


def html_report(run: Run) -> object:
    """The rows of the page: result, log and extras of each test."""
    page = (run.folder / "report.html").read_text()
    found = re.search(r'data-jsonblob="([^"]*)"', page)
    assert found is not None, "pytest-html has changed the form of its page"
    tests = json.loads(html.unescape(found[1]))["tests"]
    rows = [row for several in tests.values() for row in several]
    return _sorted(
        [row["testId"], row["result"], _plain_log(row["log"]), row["extras"]] for row in rows
    )


def report_log(run: Run) -> object:
    """All reports with what they carry."""
    lines = (run.folder / "report.jsonl").read_text().splitlines()
    reports = [one for line in lines if (one := json.loads(line))["$report_type"] == "TestReport"]
    kept = ("nodeid", "when", "outcome", "user_properties", "sections", "keywords", "location")
    return _sorted([one.get(key) for key in kept] for one in reports)


def json_report(run: Run) -> object:
    """Tests with their stages, metadata and output, and the summary."""
    report = json.loads((run.folder / ".report.json").read_text())
    tests = _without(report["tests"], {"duration", "traceback", "longrepr"})
    return [_sorted(tests), report["summary"], _sorted(_without(report["warnings"], set()))]


def allure_results(run: Run) -> object:
    """Results with steps, attachments, labels and links, and the fixtures around them."""
    folder = run.folder / "allure"
    results = []
    for path in folder.glob("*-result.json"):
        result = json.loads(path.read_text())
        labels = [one for one in result["labels"] if one["name"] not in _OF_RUN]
        result["labels"] = _sorted(labels)  # They come from a set.
        result.get("statusDetails", {}).pop("trace", None)
        _read_attachments(result, folder)
        results.append(_without(result, {"uuid", "start", "stop"}))
    containers = [json.loads(path.read_text()) for path in folder.glob("*-container.json")]
    fixtures = {
        (edge, fixture["name"], fixture.get("status"), str([s["name"] for s in fixture["steps"]]))
        for one in containers
        for edge in ("befores", "afters")
        for fixture in _with_steps(one.get(edge, []))
    }
    return [_sorted(results), sorted(fixtures)]


def stored_durations(run: Run) -> object:
    """Which tests pytest-split has durations of."""
    return sorted(json.loads((run.folder / ".test_durations").read_text()))


def statistics(run: Run) -> object:
    """Of which tests Hypothesis printed statistics, and the falsifying examples."""
    lines = run.output.splitlines()
    falsified = [line.strip("E ") for line in lines if "Falsifying" in line or "value=" in line]
    return [sorted(line for line in lines if re.fullmatch(r"test_.*::.*:", line)), falsified]


def snapshots(run: Run) -> object:
    """All snapshot files, byte for byte, and what syrupy says of them."""
    folder = run.folder / "__snapshots__"
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes().hex()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    plain = re.sub(r"\x1b\[[0-9;]*m", "", run.output)
    said = re.findall(r"^\d+ snapshots? .*$", plain, re.MULTILINE)
    return [files, said]


_OF_RUN = ("host", "thread")


def _plain_log(log: str) -> str:
    """Without the line with which xdist says on which worker it was, and what it displaces."""
    log = re.sub(r"^\[gw\d+\] \w+ -- Python .*", "", log, flags=re.MULTILINE)
    return log.replace("No log output captured.", "").strip()


def _read_attachments(part: dict[str, Any], folder: Path) -> None:
    for attachment in part.get("attachments", []):
        attachment["content"] = (folder / attachment.pop("source")).read_text()
    for step in part.get("steps", []):
        _read_attachments(step, folder)


def _with_steps(fixtures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"steps": [], **fixture} for fixture in fixtures]


def _without(value: Any, keys: set[str]) -> Any:
    match value:
        case dict():
            return {key: _without(part, keys) for key, part in value.items() if key not in keys}
        case list():
            return [_without(part, keys) for part in value]
    return value


def _sorted(parts: Any) -> list[Any]:
    return sorted(parts, key=lambda part: json.dumps(part, sort_keys=True))
