"""A pytest plugin that stages one run of a planted fault: ``-p staging``.

It picks and orders tests, marks them, lets two of them begin at the same time, and writes down what
each did. The variable ``CORPUS_STAGE`` names a file with the stage, as ``running`` writes it.
Nothing here comes from the commands that these faults judge, lest both be wrong together.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import itertools
import json
import os
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

STAGE = "CORPUS_STAGE"
POLL_S = 0.001
_BUILTIN = frozenset(dir(builtins))


@dataclass(frozen=True)
class Stage:
    """What is to happen in one run."""

    first: tuple[str, ...] = ()
    """Node ids that run first, in this order."""
    rest: str = "collected"
    """In which order the others run: ``collected``, ``reversed``, or ``none`` of them."""
    without: tuple[str, ...] = ()
    """Node ids that don't run."""
    marks: dict[str, str] = field(default_factory=dict)
    """The mark of a node id, as manifests write it."""
    meet: tuple[tuple[str, str], ...] = ()
    """Pairs of node ids that begin when both are there."""
    meet_limit_s: float = 10.0
    """How long one of a pair waits for the other."""
    split: bool = False
    """Whether the worker gw0 runs the first of each pair, and gw1 the second: ``--dist each``."""
    moments_s: dict[str, float] = field(default_factory=dict)
    """The part of a second at which a node id begins."""
    probe: str = ""
    """An expression to evaluate before the first test and behind the last: what is left changed.

    Not around each test, as fixtures of wider scope change things for a while.
    """


def pytest_configure(config: pytest.Config) -> None:
    """Stage the run, on workers as well as without them."""
    path = Path(os.environ[STAGE])
    stage = Stage(**json.loads(path.read_text(encoding="utf-8")))
    config.pluginmanager.register(Director(stage, path), "corpus-director")


class Director:
    """Carries out a stage, and logs to the folder of the stage's file."""

    def __init__(self, stage: Stage, path: Path) -> None:
        self._stage = stage
        self._folder = path.parent
        self._outcomes: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        stage = self._stage
        known = {item.nodeid: item for item in items}
        pairs = itertools.chain.from_iterable(stage.meet)
        for node_id in (*stage.first, *stage.without, *stage.marks, *pairs):
            if node_id not in known:
                raise pytest.UsageError(f"{node_id} is staged, but no test of the suite")
        first = [known[node_id] for node_id in stage.first]
        rest = {
            "collected": [*items],
            "reversed": items[::-1],
            "none": [],
        }[stage.rest]
        apart = {*stage.first, *stage.without}
        items[:] = [*first, *(item for item in rest if item.nodeid not in apart)]
        for node_id, mark in stage.marks.items():
            name, _, key = mark.partition(":")
            known[node_id].add_marker(getattr(pytest.mark, name)(*([key] if key else [])))
        worker = getattr(config, "workerinput", {}).get("workerid")
        if stage.split and worker:
            ours = [pair[worker != "gw0"] for pair in stage.meet]
            items[:] = [known[node_id] for node_id in ours]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        before = self._probed()
        result = yield
        self._log("over", left=self._probed() != before)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._meet(item.nodeid)
        if item.nodeid in self._stage.moments_s:
            time.sleep((self._stage.moments_s[item.nodeid] - time.time()) % 1.0)
        self._outcomes.clear()
        self._log("begin", test=item.nodeid)
        result = yield
        self._log("end", test=item.nodeid, failed="failed" in self._outcomes)
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._outcomes.append(report.outcome)

    def _meet(self, node_id: str) -> None:
        """Begin no sooner than the other of a pair, or after the limit."""
        for number, pair in enumerate(self._stage.meet):
            if node_id in pair:
                here = pair.index(node_id)
                (self._folder / f"{number}-{here}").touch()
                until_s = time.monotonic() + self._stage.meet_limit_s
                other = self._folder / f"{number}-{1 - here}"
                while not other.exists() and time.monotonic() < until_s:
                    time.sleep(POLL_S)

    def _probed(self) -> str:
        """The value of the probe; the modules that it names are imported for it."""
        probe = self._stage.probe
        if not probe:
            return ""
        names = [node.id for node in ast.walk(ast.parse(probe)) if isinstance(node, ast.Name)]
        modules = {name: importlib.import_module(name) for name in names if name not in _BUILTIN}
        return repr(eval(probe, modules))

    def _log(self, event: str, **fields: object) -> None:
        """Append one line; one write, so lines of several processes never mix."""
        line = json.dumps({"event": event, "at_ns": time.monotonic_ns(), **fields})
        handle = os.open(self._folder / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, f"{line}\n".encode())
        finally:
            os.close(handle)
