"""What workers on other hosts report is what workers here do, in batches and one by one."""

from __future__ import annotations

import json
import re
import sys

import pytest

NOTES = """
class Notes:
    def __init__(self):
        self.seen = {}

    def note(self, nodeid, *what):
        self.seen.setdefault(nodeid, []).append(what)

    def pytest_runtest_logstart(self, nodeid, location):
        self.note(nodeid, "start", location)

    def pytest_runtest_logfinish(self, nodeid, location):
        self.note(nodeid, "finish", location)

    def pytest_runtest_logreport(self, report):
        self.note(report.nodeid, report.when, report.outcome, report.longreprtext, report.sections,
                  report.keywords, report.user_properties, getattr(report, "wasxfail", None))

    def pytest_warning_recorded(self, warning_message, when, nodeid):
        self.note(nodeid, "warning", str(warning_message.message), when)

    def pytest_sessionfinish(self):
        (HERE / "notes.json").write_text(json.dumps(self.seen, sort_keys=True))

@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Notes())
"""
SUITE = """
import warnings

@pytest.fixture
def talks():
    print("before")
    yield
    print("after")

def test_pass(talks, record_property):
    print("out")
    print("err", file=sys.stderr)
    record_property("price", 3)
    warnings.warn("old")

@pytest.mark.parametrize("n", range(30))
def test_many(n): pass

def test_text(): assert "é \\N{SNOWMAN}" == ""
def test_skip(): pytest.skip("not today")

@pytest.mark.xfail(reason="known")
def test_known(): raise ValueError("as ever")

@pytest.fixture
def breaks():
    yield
    raise RuntimeError("in teardown")

def test_breaks(breaks): pass
"""


@pytest.fixture(scope="module")
def told(new_lab, new_host, ssh_server):
    """What the controller's hooks saw of the suite: on this machine, and by ssh in both ways."""
    host = new_host()

    def notes(transport, *tx):
        lab = new_lab()
        lab.conftest(NOTES)
        (lab.path / "pytest.ini").write_text(f"[pytest]\nmarkersteal_transport = {transport}\n")
        lab.module(SUITE)
        lab.copy_to(host)
        assert lab.run(*tx, workers=None).status == 1
        text = (lab.path / "notes.json").read_text()
        for here, there in ((sys.executable, host.python), (lab.path, host.folder)):
            text = text.replace(str(there), str(here))
        # Where it runs is one of the keywords of a test.
        for path in (lab.path, host.folder):
            text = text.replace(f'"{path.name}"', '"folder"')
        text = text.replace(str(lab.path), "FOLDER")
        return json.loads(re.sub("0x[0-9a-f]+", "address", text))

    return {
        "here": notes("batched", "--tx=popen"),
        "batched": notes("batched", f"--tx={ssh_server.spec(host)}"),
        "plain": notes("plain", f"--tx={ssh_server.spec(host)}"),
    }


@pytest.mark.parametrize("transport", ["batched", "plain"])
def test_reports_from_elsewhere_are_as_from_here(told, transport):
    """Their order, outcomes, texts, captured output, properties, and warnings."""
    assert len(told["here"]) == 35
    assert told[transport] == told["here"]
