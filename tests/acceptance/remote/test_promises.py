"""What marks promise, and what a run leaves behind, with workers on three hosts.

One is this machine, one is reached by ssh and takes three times as long for everything, one is
in another network and reached by execnet's socket server.
"""

from __future__ import annotations

import pytest
from remote_hosts import socket_server

from pytest_markersteal.durations.store import Store
from pytest_markersteal.trace.folder import traces
from pytest_markersteal.trace.reader import read

INI = """
[pytest]
markersteal_resources = account = alice, bob
markersteal_env = SHOP=shop_{slot}_{worker}
"""

SLOW = """
@pytest.hookimpl(wrapper=True)
def pytest_runtest_call():
    began_s = time.perf_counter()
    result = yield
    # What a slow machine is like: each test takes so many times as long. Nothing waits for it.
    time.sleep((float(os.environ.get("SLOWER", "1")) - 1) * (time.perf_counter() - began_s))
    return result
"""

# Each takes a while, so that those that must not meet would; what holds is read from their notes.
KEYS = """
pytestmark = pytest.mark.parametrize("n", range(4))

@pytest.mark.shared_resource("db")
def test_key(n): time.sleep(0.02)

@pytest.mark.shared_resource("db", "cache")
def test_keys(n): time.sleep(0.02)

@pytest.mark.shared_resource("config", mode="write")
def test_write(n):
    note(event="holds", what="write")
    time.sleep(0.02)
    note(event="leaves", what="write")

@pytest.mark.shared_resource("config", mode="read")
def test_read(n):
    note(event="holds", what="read")
    if first("a reader"):
        wait_for("another reader")
    else:
        touch("another reader")
    note(event="leaves", what="read")

@pytest.mark.shared_resource("account", units=1)
def test_account(n, resource):
    note(event="holds", what=resource("account").name)
    if first("an account"):
        wait_for("another account")
    else:
        touch("another account")
    note(event="leaves", what=resource("account").name)

@pytest.mark.serial
def test_serial(n): pass

@pytest.mark.no_parallel
def test_alone(n): pass

def test_place(n):
    note(event="place", slot=os.environ["PYTEST_MARKERSTEAL_SLOT"], shop=os.environ["SHOP"],
         worker=os.environ["PYTEST_XDIST_WORKER"], run=os.environ["PYTEST_MARKERSTEAL_RUN"])
"""

LAST = """
@pytest.mark.parametrize("n", range(8))
def test_last(n):
    '''The first of them waits for the end of all others: none may be queued behind it.'''
    if first("last"):
        wait_until(lambda: seen("end") == seen("begin") - 1 == ALL - 1)
"""

MODULES = 3
TESTS = MODULES * 8 * 4 + 8


@pytest.fixture(scope="module")
def run(new_lab, new_host, ssh_server, new_network):
    """A run of everything, its ledger, and the lab."""
    lab = new_lab()
    lab.conftest(SLOW)
    (lab.path / "pytest.ini").write_text(INI)
    for number in range(MODULES):
        lab.module(KEYS, f"test_keys_{number}")
    lab.module(f"ALL = {TESTS}\n{LAST}", "test_last")
    slow, networked = new_host(), new_host()
    for host in (slow, networked):
        lab.copy_to(host)
    with socket_server(networked, new_network()) as server:
        specs = "popen", ssh_server.spec(slow, "env:SLOWER=3"), server.spec
        ledger = lab.run(*(f"--tx={spec}" for spec in specs), workers=None)
    return lab, ledger


def test_no_marks_are_broken(run):
    """Every test ran once, and nowhere beside one that it must not run beside."""
    _, ledger = run
    ledger.check(status=0)
    assert len(ledger.passed) == TESTS
    assert {event["worker"] for event in ledger.of("begin")} == {"gw0", "gw1", "gw2"}


def test_readers_overlap_and_writers_do_not(run):
    """With each other, on whatever hosts."""
    _, ledger = run
    readers = writers = most = 0
    for event in ledger.events:
        change = {"holds": 1, "leaves": -1}.get(event["event"], 0)
        readers += change if event.get("what") == "read" else 0
        writers += change if event.get("what") == "write" else 0
        most = max(most, readers)
        assert writers <= 1
        assert not (readers and writers)
    assert most > 1


def test_each_instance_has_one_holder(run):
    """Over all hosts; and both are used."""
    _, ledger = run
    held: set[str] = set()
    both = False
    for event in ledger.events:
        if event.get("what") in ("alice", "bob"):
            if event["event"] == "holds":
                assert event["what"] not in held
                held.add(event["what"])
            else:
                held.remove(event["what"])
            both = both or len(held) == 2
    assert both


def test_slots_are_compact_and_variables_follow_them(run):
    """0 to 2; and the run has one name everywhere."""
    _, ledger = run
    places = ledger.of("place")
    assert {event["slot"] for event in ledger.of("up")} == {"0", "1", "2"}
    assert {event["shop"] for event in places} <= {f"shop_{n}_gw{n}" for n in range(3)}
    assert len({event["run"] for event in places}) == 1


def test_the_trace_tells_which_worker_ran_which_test(run):
    """As the workers noted it, on all hosts; what clocks make of it is in test_clocks."""
    lab, ledger = run
    trace = read(traces(lab.path)[-1])
    names = {worker.number: worker.name for worker in trace.workers}
    assert sorted(worker.slot for worker in trace.workers) == [0, 1, 2]
    told = {(trace.ids[test.test], names[test.worker]) for test in trace.tests}
    assert told == {(event["nodeid"], event["worker"]) for event in ledger.of("begin")}
    assert len(trace.tests) == TESTS


def test_durations_of_all_hosts_are_recorded(run):
    """In the file of the controller; other hosts get none."""
    lab, ledger = run
    store = Store(lab.path)
    history = store.load()
    assert not store.trouble
    assert all(history.times(test, "") for test in ledger.collected)
