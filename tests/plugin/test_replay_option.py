"""``--markersteal-replay``: a run as its trace tells it, on workers or in one process."""

from __future__ import annotations

import itertools
import random
import sys
from pathlib import Path

import pytest

from pytest_markersteal.trace import records
from pytest_markersteal.trace.folder import traces
from pytest_markersteal.trace.reader import read

DEBUGGER_TIMEOUT_S = 60
"""A debugger that waits for more than it is told hangs."""

SUITE = """
    import os, time, pytest, witness

    @pytest.fixture(scope="module")
    def place(request):
        witness.tell("up " + request.node.name)
        yield
        witness.tell("down " + request.node.name)

    @pytest.mark.parametrize("number", range(10))
    def test_plain(place, worker_slot, number):
        witness.tell(f"plain {number}", slot=worker_slot)
        time.sleep(0.004 * (10 - number if "REPLAYS" in os.environ else number))

    @pytest.mark.parametrize("number", range(4))
    @pytest.mark.shared_resource("pool")
    def test_pool(place, resource, worker_slot, number):
        witness.tell(f"pool {number}", slot=worker_slot, held=resource("pool").instances)
        time.sleep(0.01)

    @pytest.mark.serial
    def test_serial(): time.sleep(0.02)

    @pytest.mark.no_parallel
    def test_alone(): pass
"""


@pytest.fixture
def suite(pytester, witness):
    pytester.makeini("[pytest]\nmarkersteal_resources = pool = 2")
    source = SUITE
    pytester.makepyfile(test_one=source, test_two=source)
    return pytester.path


@pytest.fixture
def run_replay(run_pytest, monkeypatch):
    """Replay the newest trace in a folder, or the one that is given."""

    def replay(folder, *args, trace=None, plugins=()):
        monkeypatch.setenv("REPLAYS", "1")
        newest = trace or traces(folder)[-1]
        return run_pytest("--markersteal-replay", str(newest), *args, plugins=plugins)

    return replay


def by_slot(trace):
    """The node ids of what each slot ran, and whether it parked after it."""
    order = {}
    for run in trace.tests:
        parked = order.setdefault(trace.slot(run), [])
        parked.append((trace.ids[run.test], run.parked))
    return order


def test_slots_orders_parks_and_precedence_are_those_of_the_run(
    suite, run_markersteal, run_replay, witness
):
    """Although all tests take other times now, on as many workers as there were, without -n."""
    run_markersteal("-k", "not pool", n=3).assert_outcomes(passed=24)
    run_markersteal(n=3).assert_outcomes(passed=32)
    before = read(traces(suite)[-1])
    run_replay(suite).assert_outcomes(passed=32)
    after = read(traces(suite)[-1])
    assert len(traces(suite)) == 3
    assert by_slot(after) == by_slot(before)
    spans = {after.ids[run.test]: run.span for run in after.tests}
    pairs = 0
    for one, other in itertools.permutations(before.tests, 2):
        if one.span.until_s < other.span.since_s:
            first, second = spans[before.ids[one.test]], spans[before.ids[other.test]]
            assert first.until_s <= second.since_s
            pairs += 1
    assert pairs > 100


def test_instances_are_those_of_the_run(suite, run_markersteal, run_replay, witness):
    """A test that was told that it holds instance 1 is told so again."""

    def held():
        events = witness.events()
        witness.clear()
        return {
            (event["name"], event["slot"], tuple(event["held"]))
            for event in events
            if "held" in event
        }

    run_markersteal("test_one.py", n=2).assert_outcomes(passed=16)
    wanted = held()
    assert len(wanted) == 4
    run_replay(suite, "test_one.py").assert_outcomes(passed=16)
    assert held() == wanted


def test_tests_that_are_gone_or_new_are_named(pytester, suite, run_markersteal, run_replay):
    """What is gone is left out, what is new is not run, and the rest is replayed."""
    run_markersteal("test_one.py", n=2).assert_outcomes(passed=16)
    changed = SUITE.replace("test_serial", "test_renamed").replace("range(10)", "range(3)")
    pytester.makepyfile(test_one=changed)
    result = run_replay(suite, "test_one.py")
    result.assert_outcomes(passed=8)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "*: replaying the run of 20??-*: pytest * -n2 --dist=markersteal test_one.py",
            "replayed 8 tests of the run of 20*, on 2 workers in * s; 8 are gone, 1 is new",
            "gone, so left out: test_one.py::test_plain[[]3], *, test_one.py::test_plain[[]7] "
            "and 3 more",
            "new, so left out: test_one.py::test_renamed",
        ]
    )
    result = run_replay(suite, "test_one.py", "-q", trace=traces(suite)[0])
    result.stdout.fnmatch_lines(["markersteal: replayed 8 tests *; 8 are gone, 1 is new"])


def test_tests_that_did_not_run_then_are_named_and_left_out(
    pytester, run_markersteal, run_replay, monkeypatch
):
    """As after -x: what the run did not come to is not replayed either."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(4))
        def test_it(number): assert number != 1
        """
    )
    run_markersteal("-x", n=1).assert_outcomes(passed=1, failed=1)
    result = run_replay(pytester.path)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["did not run then, so left out: *test_it[[]2], *test_it[[]3]"])


def test_a_replay_of_nothing_is_an_error(pytester, suite, run_markersteal, run_replay):
    """Green without a test would be a lie; it says how the run was started."""
    run_markersteal("test_one.py", n=1)
    for args in ([], ["--slot=0"]):
        result = run_replay(suite, "test_two.py", *args)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(
            ["*none of the 16 tests of *.trace is collected here, for example not test_one.py*"]
        )


def test_a_replay_teaches_no_durations(suite, run_markersteal, run_replay):
    """Its tests wait for each other: the file stays as it is even if all runs are to record."""
    run_markersteal(n=2)
    file = suite / ".markersteal" / "durations.msgpack"
    before = file.read_bytes()
    result = run_replay(suite, "--markersteal-record=always")
    assert file.read_bytes() == before
    result.stdout.no_fnmatch_line("durations: *")


def test_workers_may_collect_in_another_order(pytester, run_markersteal, run_replay):
    """Node ids decide: the order of collection is another in each process, and each run."""
    pytester.makeconftest(
        """
        import random

        def pytest_collection_modifyitems(items):
            random.shuffle(items)
        """
    )
    pytester.makepyfile(
        "import pytest\n@pytest.mark.parametrize('n', range(20))\ndef test_it(n): pass"
    )
    run_markersteal(n=2).assert_outcomes(passed=20)
    run_replay(pytester.path).assert_outcomes(passed=20)
    one, other = map(read, traces(pytester.path))
    assert by_slot(one) == by_slot(other)


@pytest.mark.parametrize("args", [("-n2", "--dist=worksteal"), ("-n0",)], ids=["xdist", "one"])
def test_traces_of_other_modes_can_be_replayed(suite, run_pytest, run_replay, args):
    """They have slots and orders too."""
    run_pytest(*args, "--markersteal-trace", "test_one.py").assert_outcomes(passed=16)
    before = read(traces(suite)[-1])
    run_replay(suite, "test_one.py").assert_outcomes(passed=16)
    after = read(traces(suite)[-1])

    def orders(trace):
        return {slot: [name for name, _ in ran] for slot, ran in by_slot(trace).items()}

    assert orders(after) == orders(before)


@pytest.mark.parametrize("slot", [0, 1])
def test_one_slot_runs_its_tests_in_this_process(suite, run_markersteal, run_replay, witness, slot):
    """In their order, with its slot and instances and parks, whatever -n the ini file has."""
    run_markersteal(n=2).assert_outcomes(passed=32)
    trace = read(traces(suite)[-1])
    worker = {event["worker"]: event["slot"] for event in witness.events() if "slot" in event}
    wanted = [
        {**event, "worker": "main", "ns": 0, "pid": 0}
        for event in witness.events()
        if worker[event["worker"]] == slot
    ]
    witness.clear()
    ini = suite / "tox.ini"
    ini.write_text(ini.read_text() + "\naddopts = -n 3 --dist markersteal\n")
    result = run_replay(suite, f"--slot={slot}")
    tests = by_slot(trace)[slot]
    result.assert_outcomes(passed=len(tests), deselected=32 - len(tests))
    assert [{**event, "ns": 0, "pid": 0} for event in witness.events()] == wanted
    result.stdout.fnmatch_lines(
        [
            f"*: replaying in this process what slot {slot} ran in the run of 20*",
            f"replayed {len(tests)} tests of slot {slot} of the run of 20*",
        ]
    )


def test_the_debugger_works_in_one_slot(pytester, suite, run_markersteal, run_replay):
    """It is what one slot is for."""
    pytester.makepyfile(test_one="def test_it(): breakpoint()", test_two="def test_no(): pass")
    run_markersteal("-k", "it", "-p", "no:faulthandler", n=1)
    trace = str(traces(suite)[-1])
    command = [sys.executable, "-mpytest", "--markersteal-replay", trace, "--slot=0", "--pdb"]
    result = pytester.run(*command, stdin=b"p 'answer', 6 * 7\nc\n", timeout=DEBUGGER_TIMEOUT_S)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*('answer', 42)"])


def test_the_seed_of_the_run_is_used_again(pytester, run_markersteal, run_replay, witness):
    """pytest-randomly takes it; where it is off, the summary says which seed it was."""
    pytester.makepyfile(
        """
        import random, witness

        def test_it(): witness.tell(str(random.random()))
        """
    )
    run_markersteal(n=1, plugins=["randomly"])
    (wanted,) = witness.names()
    for args in ([], ["--slot=0"]):
        witness.clear()
        run_replay(pytester.path, *args, trace=traces(pytester.path)[0], plugins=["randomly"])
        assert witness.names() == [wanted]
    seed = read(traces(pytester.path)[0]).head.seed
    result = run_replay(pytester.path, trace=traces(pytester.path)[0])
    result.stdout.fnmatch_lines([f"warning: tests were shuffled with the seed {seed} then*"])


@pytest.fixture
def trace(suite, run_markersteal):
    """The trace of a run on two slots."""
    run_markersteal("test_one.py", n=2)
    return traces(suite)[-1]


MISUSES = {
    "other -n": (
        ["-n3"],
        "the run had 2 slots, which -n 3 contradicts; leave out -n, or give -n 2",
    ),
    "-n0": (["-n0"], "which -n 0 contradicts*one slot in this process, add --slot"),
    "--pdb": (["--pdb"], "--pdb can't be used with 2 workers*--slot 0"),
    "no such slot": (["--slot=2"], "--slot: nothing ran on a slot 2 in *; its slots are 0, 1"),
    "no xdist": (["-pno:xdist"], "needs pytest-xdist, which is off*--slot"),
}


@pytest.mark.parametrize(("args", "message"), MISUSES.values(), ids=MISUSES)
def test_misuse_is_told(suite, run_replay, trace, args, message):
    """What contradicts the trace is a usage error that says what to do."""
    result = run_replay(suite, *args)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*ERROR: *{message}*"])


def test_a_slot_without_a_replay_is_told(run_pytest):
    """It means nothing then."""
    result = run_pytest("--slot=1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*--slot 1 is a slot of an earlier run: add --markersteal-replay*"]
    )


def test_a_trace_that_is_none_is_told(suite, run_replay, trace):
    """Missing, of another version, damaged, or of a run without tests: what, where and why."""
    whole = trace.read_bytes()
    missing = run_replay(suite, trace="missing.trace")
    missing.stderr.fnmatch_lines(["*missing.trace: No such file*; the newest trace of runs here*"])
    noise = random.Random(1)
    wrong = {
        "newer": whole.replace(b" trace" + bytes([records.VERSION]), b" trace\x63", 1),
        "damaged": whole[:300] + noise.randbytes(200) + whole[300:],
        "empty": b"",
        "early": whole[:60],
        "text": b"once upon a time",
    }
    assert wrong["newer"] != whole
    for name, content in wrong.items():
        path = Path(f"{name}.trace")
        path.write_bytes(content)
        result = run_replay(suite, trace=path)
        assert result.ret == pytest.ExitCode.USAGE_ERROR, name
        result.stderr.fnmatch_lines([f"*--markersteal-replay: {name}.trace can't be replayed: *"])
