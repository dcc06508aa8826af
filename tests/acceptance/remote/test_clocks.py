"""The trace of two workers whose clocks differ: those of one are far ahead of this machine's."""

from __future__ import annotations

from itertools import pairwise

import pytest
from remote_hosts import socket_server

from pytest_markersteal.trace.folder import traces
from pytest_markersteal.trace.reader import read

AHEAD_S = 5000
SLACK_S = 1.0
"""Far more than clocks are compared wrongly by on a busy machine, far less than they differ."""

TESTS = 30
SUITE = f"""
ROUNDS = 5
OWN = os.environ.get("PYTEST_XDIST_WORKER", "")
OTHER = {{"gw0": "gw1", "gw1": "gw0"}}.get(OWN)
ran = []

@pytest.mark.parametrize("n", range({TESTS}))
def test_turn(n):
    '''The first tests of both workers go in step: none of them can run them all.'''
    ran.append(n)
    if len(ran) <= ROUNDS:
        touch(f"{{OWN}}-{{len(ran)}}")
        wait_for(f"{{OTHER}}-{{len(ran)}}")
"""


@pytest.fixture(scope="module", params=["markersteal", "worksteal"])
def run(request, new_lab, new_host, ahead_of_clocks):
    """The trace of a run, and its ledger; the second is one that this plugin only watches."""
    lab, host = new_lab(), new_host()
    lab.module(SUITE)
    lab.copy_to(host)
    with socket_server(host, ahead_of_clocks(AHEAD_S)) as server:
        options = ["--tx=popen", f"--tx={server.spec}", "--markersteal-trace"]
        ledger = lab.run(*options, workers=None, dist=request.param)
    ledger.check(status=0)
    return read(traces(lab.path)[-1]), ledger


def test_the_clocks_differ(run):
    """So that the other tests can fail."""
    _, ledger = run
    last_ns = {event["worker"]: event["at_ns"] for event in ledger.of("end")}
    assert last_ns["gw1"] - last_ns["gw0"] > AHEAD_S / 2 * 1e9


def test_workers_join_within_the_run_and_in_order(run):
    """Launched, ready, collected, joined: the second and the third are told by their clocks."""
    trace, _ = run
    assert {worker.slot for worker in trace.workers} == {0, 1}
    for worker in trace.workers:
        assert 0 <= worker.launched_s <= worker.ready_s + SLACK_S
        assert worker.ready_s <= worker.collected_s <= worker.joined_s + SLACK_S
        first = next(test for test in trace.tests if test.worker == worker.number)
        assert worker.joined_s <= first.span.since_s + SLACK_S


def test_tests_of_all_workers_are_in_the_order_in_which_they_ran(run):
    """Each that had ended before another began is so in the trace, within that run."""
    trace, ledger = run
    assert trace.end is not None
    assert len(trace.tests) == TESTS
    spans = {trace.ids[test.test]: test for test in trace.tests}
    ended = []
    between = set()
    for event in ledger.events:
        if event["event"] == "begin":
            after = spans[event["nodeid"]]
            assert after.span.since_s >= 0
            assert after.span.until_s <= trace.end.at_us / 1e6 + SLACK_S
            for before in ended:
                assert before.span.until_s <= after.span.since_s + SLACK_S
                between.add((before.worker, after.worker))
        elif event["event"] == "end":
            ended.append(spans[event["nodeid"]])
    assert between >= {(0, 1), (1, 0)}


def test_phases_follow_each_other(run):
    """Set-up, call and teardown, within their test."""
    trace, _ = run
    for test in trace.tests:
        phases = [span for _, span in test.phases()]
        assert test.span.since_s <= phases[0].since_s
        assert phases[-1].until_s <= test.span.until_s
        for earlier, later in pairwise(phases):
            assert earlier.until_s <= later.since_s
