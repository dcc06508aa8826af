"""Batched transport delivers exactly what plain transport does, to every hook of the controller."""

from __future__ import annotations

import json
from itertools import zip_longest

import pytest

CONFTEST = """
    import json, os, re, pytest

    VOLATILE = {"duration", "start", "stop", "item_index", "worker_id", "testrun_uid", "node"}

    def exact(value):
        # Types as well as values: a tuple is no list.
        if isinstance(value, dict):
            # pytest fills some dicts from sets, whose order differs between processes.
            items = ([exact(k), exact(v)] for k, v in value.items() if k not in VOLATILE)
            return {"dict": sorted(items, key=str)}
        if isinstance(value, (list, tuple)):
            return {type(value).__name__: [exact(v) for v in value]}
        if isinstance(value, str):
            return ["str", re.sub("0x[0-9a-f]+", "address", value)]
        if value is None or isinstance(value, (int, float, bool)):
            return [type(value).__name__, value]
        inside = exact(vars(value)) if hasattr(value, "__dict__") else str(value)
        return {type(value).__name__: inside}

    class Notes:
        def __init__(self):
            self.seen = {}

        def note(self, nodeid, what):
            self.seen.setdefault(nodeid, []).append(what)

        def pytest_runtest_logstart(self, nodeid, location):
            self.note(nodeid, ["logstart", exact(location)])

        def pytest_runtest_logfinish(self, nodeid, location):
            self.note(nodeid, ["logfinish", exact(location)])

        def pytest_runtest_logreport(self, report):
            self.note(report.nodeid, ["report", type(report).__name__, exact(vars(report))])

        def pytest_warning_recorded(self, warning_message, when, nodeid, location):
            self.note(nodeid, ["warning", str(warning_message.message), when, exact(location)])

        def pytest_sessionfinish(self):
            with open(os.environ["NOTES"], "w") as file:
                json.dump(self.seen, file)

    def pytest_configure(config):
        if not hasattr(config, "workerinput"):
            config.pluginmanager.register(Notes())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(item, call):
        report = yield
        if "odd" in item.name and call.when == "call":
            report.odd_tuple = (1, ("two", [3.0, None]))
            report.odd_number = 2**80
            report.odd_bytes = b"bytes"
        if "unserialisable" in item.name and call.when == "call":
            report.longrepr = Unserialisable()
        return report

    class Unserialisable:
        def toterminal(self, terminal):
            terminal.line(str(self))

        def __str__(self):
            return "told by a plugin"
"""

SUITE = """
    import sys, unittest, warnings
    import pytest

    def test_pass(): pass

    def test_fail():
        wanted = {"a": [1, 2, 3]}
        assert wanted == {"a": [1, 2, 4]}

    def test_raise():
        try:
            int("x")
        except ValueError as error:
            raise RuntimeError("outer \\N{SNOWMAN}") from error

    @pytest.mark.skip(reason="not now")
    def test_skip(): pass

    def test_skip_inside(): pytest.skip("inside")

    @pytest.mark.xfail(reason="known", strict=True)
    def test_xfail(): assert False

    @pytest.mark.xfail(strict=True)
    def test_xpass_strict(): pass

    @pytest.mark.xfail
    def test_xpass(): pass

    def test_output(capsys):
        print("to stdout \\N{SNOWMAN}")
        print("to stderr", file=sys.stderr)

    def test_output_kept():
        print("kept out")
        print("kept err", file=sys.stderr)

    def test_properties(record_property):
        record_property("number", 7)
        record_property("tuple", (1, 2))
        record_property("nested", {"a": ("b", [1.5, None, True])})

    def test_warning(): warnings.warn(UserWarning("mind this"))

    def test_odd(): pass

    def test_unserialisable(): assert False

    @pytest.fixture
    def broken_setup(): raise RuntimeError("setup")

    def test_error_in_setup(broken_setup): pass

    @pytest.fixture
    def broken_teardown():
        yield
        raise RuntimeError("teardown")

    def test_error_in_teardown(broken_teardown): pass

    def test_fail_and_error(broken_teardown): assert 0

    @pytest.mark.parametrize("text", ["a::b", "[x]", "\\N{SNOWMAN}", "x" * 300])
    def test_named(text): pass

    class TestUnittest(unittest.TestCase):
        def test_subtests(self):
            for number in range(3):
                with self.subTest(number=number):
                    self.assertNotEqual(number, 1)

        @unittest.expectedFailure
        def test_expected(self): self.fail()
"""


@pytest.fixture
def notes(pytester, run_pytest, monkeypatch):
    """What the hooks of the controller were given, by test, in one run."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(SUITE)

    def run(*args):
        path = pytester.path / "notes.json"
        monkeypatch.setenv("NOTES", str(path))
        run_pytest("-n2", "--dist=markersteal", *args)
        return json.loads(path.read_text())

    return run


def test_reports_equal_those_of_plain_transport(notes):
    """Field by field and type by type, in the same order for each test; times aside."""
    batched = notes()
    plain = notes("-o", "markersteal_transport=plain")
    assert len(batched) > 20
    assert batched.keys() == plain.keys()
    differences = [
        (test, mine, theirs)
        for test, seen in plain.items()
        for mine, theirs in zip_longest(batched[test], seen)
        if mine != theirs
    ]
    assert differences == []
