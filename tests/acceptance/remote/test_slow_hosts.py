"""A host with a fifth of a core, beside this machine: what it gets to do, and what it teaches."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from remote_hosts import ssh_server as ssh_server_at
from remote_places import LOOPBACK

CORES = 0.2
TESTS = 40

WAIT = """
def pytest_collection_finish():
    if "PYTEST_XDIST_WORKER" in os.environ:
        note(event="about to run")
        wait_for("slowed")
        # What was left to it of its former share is used up before the first test.
        until_s = time.process_time() + 0.05
        while time.process_time() < until_s:
            pass
"""
# Work, not sleep: that is what a slow host is slow at; 45 to 150 ms of it on this machine, as it
# has its share in slices, and what fits into one may be as fast as anywhere. Each is a function of
# its own, so that no two share an entry in the file.
SUITE = "".join(
    f"def test_{n}():\n    for _ in range({600_000 * (3 + n % 5)}):\n        pass\n"
    for n in range(TESTS)
)


@pytest.fixture
def run(lab, new_core_share, new_host, tmp_path_factory, ssh_server):
    """Runs the suite here, or with one worker here and one on a slow host; the ledger."""
    host, fast, slow = new_host(), new_core_share(), new_core_share()
    lab.conftest(WAIT)
    lab.module(SUITE)
    lab.copy_to(host)

    def run(*options, workers):
        for name in ("events.jsonl", "slowed"):
            (lab.path / name).unlink(missing_ok=True)
        lab.start(*options, workers=None)
        # Before it starts any other.
        fast.add(lab.process.pid)
        lab.wait_until(lambda: lab.count("about to run") == workers)
        slow.limit(CORES)
        lab.touch("slowed")
        lab.wait_until(lambda: lab.count("end") == TESTS)
        slow.limit(None)
        return lab.finish().check(status=0)

    path = tmp_path_factory.mktemp("ssh") / "server"
    with ssh_server_at(path, replace(LOOPBACK, cores=slow)) as server:
        yield run, server.spec(host)


def test_it_gets_less_to_do_and_leaves_the_durations_as_they_are(lab, run):
    """Under half of the tests; after three runs that record, the file has the same bytes."""
    run, spec = run
    durations = lab.path / ".markersteal" / "durations.msgpack"
    run("--tx=popen", workers=1)
    before = durations.read_bytes()
    for _ in range(3):
        ledger = run("--tx=popen", f"--tx={spec}", "--markersteal-record=always", workers=2)
        there = Counter(event["worker"] for event in ledger.of("begin"))["gw1"]
        assert 0 < there < TESTS / 2
        assert durations.read_bytes() == before, ledger.output
