"""What the source of tests says about state, and what is made of it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from builders import PLAIN, key
from traces import Ran, trace_of

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.races.audit.auditing import audit, python_files
from pytest_markersteal.races.audit.calls import CALLS
from pytest_markersteal.races.audit.measured import setups, waiting
from pytest_markersteal.races.audit.model import Audit, Waiting
from pytest_markersteal.races.audit.rules import RULES, level
from pytest_markersteal.races.audit.statics import facts_in
from pytest_markersteal.races.collecting.model import (
    CollectedFixture,
    CollectedTest,
    Collection,
    decoded,
)
from pytest_markersteal.races.findings import KINDS, Finding
from pytest_markersteal.report.audit.tables import tables
from pytest_markersteal.trace.model import FixtureRun, Span


def kinds(body: str, head: str = "") -> list[str]:
    """The kinds of facts of a test with this body, in a module with this head."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return [fact.kind for fact in facts_in("a.py", f"{head}\ndef test_a():\n{lines}\n")]


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("X = 1", "global X\nX = 2", "global"),
        ("X = 1", "global X\nX += 2", "global"),
        ("X = []", "X.append(1)", "global"),
        ("X: dict = {}", "X['a'] = 1", "global"),
        ("X = set()", "X.add(1)", "global"),
        ("X = {1: 2}", "del X[1]", "global"),
        ("import shop", "shop.prices.RATE = 2", "attribute"),
        ("from shop import Cart", "Cart.limit = 2", "attribute"),
        ("import os", "os.environ['A'] = '1'", "environment"),
        ("from os import environ as e", "e.update(A='1')", "environment"),
        ("from os import environ", "del environ['A']", "environment"),
        ("import os", "os.chdir('..')", "directory"),
        ("import locale", "locale.setlocale(locale.LC_ALL, '')", "locale"),
        ("import socket", "socket.socket().bind(('', 8080))", "port"),
        ("", "serve(port=8080)", "port"),
        ("", "open('/tmp/x')", "path"),
        ("", "open('x.txt', 'w')", "path"),
        ("", "open('x.txt', mode='ab')", "path"),
        ("from pathlib import Path", "Path('/var/tmp/x')", "path"),
        ("from time import sleep as nap", "nap(1)", "sleep"),
        ("import threading as t", "t.Thread().start()", "thread"),
        ("import subprocess", "subprocess.run(['ls'])", "process"),
        ("import numpy as np", "np.random.seed(1)", "seed"),
        ("import signal", "signal.signal(2, f)", "signal"),
        ("import asyncio", "asyncio.gather()", "concurrent"),
        ("import functools\n@functools.lru_cache(maxsize=3)\ndef f(): pass", "f()", "cache"),
        ("from functools import cache\n@cache\ndef f(): pass", "f()", "cache"),
    ],
)
def test_facts(head: str, body: str, expected: str) -> None:
    """Names are followed through imports, also those of functions."""
    assert kinds(body, head) == [expected]


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("X = 1", "X = 2"),
        ("X = []", "y = X + [1]"),
        ("X = []\nX.append(1)", "pass"),
        ("import shop", "cart = shop.Cart()\ncart.limit = 2"),
        ("import os", "os.environ['A']\nos.environ.get('A')"),
        ("", "def setenv(monkeypatch): monkeypatch.setenv('A', '1')"),
        ("import socket", "socket.socket().bind(('', 0))"),
        ("", "serve(port=port)"),
        ("", "open('x.txt')\nopen(tmp_path / 'x', 'w')"),
        ("", "monkeypatch.chdir(tmp_path)\nopen('x.txt', 'w')"),
        ("", "sleep(1)\nmine.chdir('x')"),
    ],
)
def test_what_is_no_fact(head: str, body: str) -> None:
    """What is local, read only, undone, or not known to be what its name says."""
    assert kinds(body, head) == []


def test_where_a_fact_is() -> None:
    """Its line, its function with its classes, and its source on one line."""
    source = (
        "import os\nos.environ['A'] = '1'\nclass TestA:\n    def test_x(self):\n"
        "        os.environ.update(\n            A=1)\n"
    )

    first, second = facts_in("t/a.py", source)

    assert (first.path, first.line, first.function) == ("t/a.py", 2, "")
    assert (second.line, second.function, second.text) == (
        5,
        "TestA::test_x",
        "os.environ.update(A=1)",
    )


def test_every_kind_has_its_rule() -> None:
    """Of calls, and of findings."""
    assert {*CALLS.values(), *(f"found {kind}" for kind in KINDS)} <= RULES.keys()
    assert [level(weights) for weights in (0, 2, 3, 5, 6)] == [
        "low",
        "low",
        "medium",
        "medium",
        "high",
    ]


def collected(node_id: str, demand: Demand = PLAIN, *, runner: str = "") -> CollectedTest:
    function = node_id.rpartition("::")[2]
    return CollectedTest(
        node_id,
        [],
        function,
        ["slow"],
        demand.fields(),
        [0],
        runner,
        "",
    )


SUITE = Collection(
    "/somewhere",
    [
        collected("a/test_x.py::test_0", key("db")),
        collected("a/test_x.py::test_1"),
        collected("b/test_y.py::test_2", runner="nothing"),
    ],
    [],
    [CollectedFixture("server", "session", "a", False, False)],
    ["a/conftest.py"],
    "strict",
    {},
)
SOURCES = {
    "a/test_x.py": "def test_0(): open('/tmp/a')\ndef test_1(): pass\n",
    "a/conftest.py": "import os\nos.environ['A'] = '1'\n",
    "b/test_y.py": "def test_2(): open('/tmp/b')\n",
    "b/conftest.py": "def (\n",
}


def test_risk_by_folder() -> None:
    """Rules count once; what marks keep apart, not at all; findings weigh most."""
    found = audit(SUITE, SOURCES, [], None)

    assert [(risk.folder, risk.level, risk.weights, risk.tests) for risk in found.risks] == [
        ("b", "high", 6, 1),
        ("a", "medium", 3, 2),
    ]
    assert [(one.kind, one.count) for one in found.risks[0].reasons] == [
        ("nothing", 1),
        ("path", 1),
    ]
    assert found.risks[1].reasons[0].where == ["a/conftest.py:2"]
    assert [one.partition(":")[0] for one in found.unread] == ["b/conftest.py"]
    conflict = Finding(
        "conflict", "watch", (), ("a/test_x.py::test_1",), "file x", "", (), "", "", ""
    )
    assert audit(SUITE, SOURCES, [conflict], None).risks[0].folder == "a"


@pytest.mark.parametrize(
    ("kind", "demands", "is_told"),
    [
        ("latent", (key("x"), key("x")), False),
        ("latent", (key("x"), PLAIN), True),
        ("conflict", (key("x"), key("x")), True),
    ],
)
def test_what_marks_keep_from_happening_is_no_risk(
    kind: str, demands: tuple[Demand, Demand], is_told: bool
) -> None:
    """A fixture's class or module stands for all tests in there; what has happened is told."""
    tests = [collected(f"c/m.py::t{number}", demand) for number, demand in enumerate(demands)]
    suite = replace(SUITE, tests=tests)
    finding = Finding(kind, "watch", (), ("c/m.py",), "file x", "", (), "", "shared_resource:x", "")
    (risk,) = audit(suite, {}, [finding], None).risks
    assert bool(risk.reasons) is is_told
    for other in (replace(finding, mark=""), replace(finding, culprits=("c/m.py", "c/gone.py"))):
        (risk,) = audit(suite, {}, [other], None).risks
        assert risk.reasons, "no mark keeps it, or not all tests of it are here"


def test_files_to_be_read() -> None:
    """Those of tests, and conftests."""
    assert python_files(SUITE) == ["a/conftest.py", "a/test_x.py", "b/test_y.py"]


def test_a_collection_there_and_back() -> None:
    """As one process tells another."""
    assert decoded(SUITE.encoded()) == SUITE


def server(worker: int, since_s: float) -> Ran:
    """A test for which a worker set up the session's server in a second."""
    fixture = FixtureRun("session", "", "server", 1.0, Span(since_s, since_s + 1))
    return Ran(worker, since_s, since_s + 2, fixtures=(fixture,))


def test_what_a_trace_tells() -> None:
    """Set-ups with their workers, times by mark, and tests that had no CPU for most of theirs."""
    trace = trace_of(server(0, 0.0), server(1, 0.0), Ran(0, 2.0, 2.05))

    (one,) = setups(trace).values()
    assert (one.times, one.workers, one.seconds) == (2, 2, 2.0)
    assert waiting(trace) == [
        Waiting("test_it.py::test_0", 2.0, 0.0),
        Waiting("test_it.py::test_1", 2.0, 0.0),
    ]
    ids = ["test_it.py::test_0", "test_it.py::test_1"]
    suite = Collection(
        "/somewhere", [collected(one) for one in ids], [], SUITE.fixtures, [], "", {}
    )

    found = audit(suite, {}, [], ("a-run", trace))

    (fixture,) = found.fixtures
    assert (fixture.tests, fixture.setups, fixture.workers, fixture.seconds) == (2, 2, 2, 2.0)
    assert fixture.repeated_s == 1.0
    assert [(mark.name, mark.tests, mark.seconds) for mark in found.marks] == [("slow", 2, 2.0)]


def titles(found: Audit) -> list[str]:
    return [table.title for table in tables(found)]


def test_tables_tell_what_there_is() -> None:
    """And nothing of what there is not; the data can be JSON."""
    found = audit(SUITE, SOURCES, [], None)

    assert titles(found) == [
        "The suite",
        "Risk by folder",
        "Reasons",
        "Marks",
        "Asynchronous",
        "Fixtures by scope",
        "State touched, as the source says",
        "Not looked at",
    ]
    empty = Collection("/somewhere", [], [], [], [], "", {})
    assert titles(audit(empty, {}, [], None)) == ["The suite"]
    assert json.loads(json.dumps(asdict(found)))["tests"] == 3
