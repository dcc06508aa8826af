"""A worker to which messages take a tenth of a second, and as long back, beside a near one."""

from __future__ import annotations

from remote_delays import delayed
from remote_hosts import socket_server

from pytest_markersteal.trace.folder import traces
from pytest_markersteal.trace.names import COMMANDS
from pytest_markersteal.trace.reader import read

DELAY_S = 0.1
SUITE = """
@pytest.mark.parametrize("n", range(40))
def test_short(n): time.sleep(0.015)
"""
MODULES = 3


def test_a_far_worker_has_more_waiting(lab, new_host):
    """Enough for the way there and back, so that it need not wait; the near one has less."""
    host = new_host()
    for number in range(MODULES):
        lab.module(SUITE, f"test_{number}")
    lab.run(workers=2).check(status=0)
    (lab.path / "events.jsonl").unlink()
    lab.copy_to(host)
    with socket_server(host) as server, delayed(server.address, DELAY_S) as address:
        ledger = lab.run("--tx=popen", f"--tx=socket={address}//chdir=.", workers=None)
    ledger.check(status=0)
    near_s, far_s = longest_stretches_s(read(traces(lab.path)[-1]))
    assert far_s >= 2 * DELAY_S
    assert far_s > 2 * near_s


def longest_stretches_s(trace):
    """The most predicted time that each worker had been told of and had not begun, at any time."""
    most_s = dict.fromkeys((worker.number for worker in trace.workers), 0.0)
    began = {run.test: (run.worker, run.span.since_s) for run in trace.tests}
    given: dict[int, int] = {}
    for command in trace.commands:
        if COMMANDS[command.command] != "run":
            continue
        given |= dict.fromkeys(command.tests, command.worker)
        waiting_s = sum(
            trace.predicted_s[test]
            for test, worker in given.items()
            if worker == command.worker and began[test][1] > command.at_us / 1e6
        )
        most_s[command.worker] = max(most_s[command.worker], waiting_s)
    by_name = {worker.name: most_s[worker.number] for worker in trace.workers}
    return [by_name[name] for name in sorted(by_name)]
