"""``-n auto`` starts the workers that pay for themselves, on machines of any make."""

from __future__ import annotations

import re

import pytest

from pytest_markersteal.core.suite import Claim, Demand
from pytest_markersteal.durations.history import Fixture, History, Selection, Startup, Times
from pytest_markersteal.durations.learning import Measured, learn
from pytest_markersteal.durations.store import Store

SUITE = """
    import pytest

    @pytest.mark.parametrize("number", range(30))
    def test_it(number): pass
"""
IDS = [f"test_it.py::test_it[{number}]" for number in range(30)]
ALL = Selection("", "")
STARTUP = Startup(0.04, 0.2, 0.1, 0.0005, 0.9)
KEYED = Demand((Claim("db"),))


@pytest.fixture
def machine(pytester):
    """Make the machine one of so many cores, as far as xdist and its hook tell."""

    def make(cores):
        pytester.makeconftest(f"def pytest_xdist_auto_num_workers(config): return {cores}")

    return make


@pytest.fixture
def remember(pytester):
    """Write a durations file: wall seconds by node id, and how busy tests keep the CPU."""

    def write(wall_s, busy=1.0, startups=None, demands=None, fixtures_s=None):
        measured = Measured(
            {name: Times(0.0, wall, 0.0, busy * wall) for name, wall in wall_s.items()},
            fixtures_s or {},
            tuple((demands or {}).items()),
            {ALL: STARTUP} if startups is None else startups,
        )
        assert Store(pytester.path).save(learn(History(), measured))

    return write


def workers_of(result):
    """How many workers there were, and the line that says why, if any."""
    found = re.search(r" on (\d+) workers? in ", str(result.stdout))
    assert found, str(result.stdout)
    lines = [line for line in result.outlines if line.startswith("markersteal: ")]
    assert len(lines) <= 1
    return int(found[1]), lines[0] if lines else None


def test_without_history_it_is_xdists_number(pytester, run_markersteal, machine):
    """And the next run, which has history, starts fewer if fewer do."""
    pytester.makepyfile(test_it=SUITE.replace("pass", "import time; time.sleep(0.01)"))
    machine(3)
    result = run_markersteal(n="auto")
    assert workers_of(result) == (
        3,
        "markersteal: 3 workers: it is not known yet how long these tests take",
    )
    machine(16)
    result = run_markersteal(n="auto")
    workers, why = workers_of(result)
    assert workers < 16
    assert re.fullmatch(
        rf"markersteal: {workers} workers? instead of 16: more would not \w+.* "
        r"\(predicted \d+\.\d s, with 16 workers \d+\.\d s\)",
        why,
    )
    result.assert_outcomes(passed=30)


@pytest.mark.parametrize("n", ["auto", "logical"])
def test_few_quick_tests_start_few_workers(pytester, run_markersteal, machine, remember, n):
    """30 tests of 10 ms don't start 16 workers."""
    pytester.makepyfile(test_it=SUITE)
    machine(16)
    remember(dict.fromkeys(IDS, 0.01))
    assert workers_of(run_markersteal(n=n)) == (
        2,
        "markersteal: 2 workers instead of 16: more would not pay for their start-up "
        "(predicted 0.5 s, with 16 workers 1.0 s)",
    )


def test_much_work_starts_one_worker_for_each_core(pytester, run_markersteal, machine, remember):
    """The number is xdist's, and each worker pays."""
    pytester.makepyfile(test_it=SUITE)
    machine(2)
    remember(dict.fromkeys(IDS, 1.0))
    assert workers_of(run_markersteal(n="auto")) == (
        2,
        "markersteal: 2 workers: each pays for its start-up (predicted 15.4 s)",
    )


def test_a_chain_of_half_of_the_work(pytester, run_markersteal, machine, remember):
    """Two workers: one for the tests of the key, one for the rest; the key is named."""
    pytester.makepyfile(test_it=SUITE)
    machine(16)
    remember(dict.fromkeys(IDS, 1.0), demands=dict.fromkeys(IDS[:15], KEYED))
    assert workers_of(run_markersteal(n="auto")) == (
        2,
        "markersteal: 2 workers instead of 16: more would not help, as the tests of key 'db' take "
        "15.0 s one after another (predicted 15.4 s, with 16 workers 16.0 s)",
    )


def test_marks_are_learnt(pytester, run_markersteal, machine, remember):
    """What the marks said in the run before is known before anything is collected."""
    pytester.makepyfile(
        test_it=SUITE.replace("@", "@pytest.mark.shared_resource('db', 'net')\n    @")
    )
    run_markersteal()
    history = Store(pytester.path).load()
    assert {history.demand(node_id) for node_id in IDS} == {Demand((Claim("db"), Claim("net")))}
    remember(dict.fromkeys(IDS, 1.0), demands={node_id: history.demand(node_id) for node_id in IDS})
    machine(16)
    workers, why = workers_of(run_markersteal(n="auto"))
    assert workers == 1
    assert "the tests of key 'db' take 30.0 s one after another" in why


def test_tests_that_wait_start_more_workers_than_cores(
    pytester, run_markersteal, machine, remember
):
    """Two for each core, or as many as the ini file says."""
    pytester.makepyfile(test_it=SUITE)
    machine(1)
    remember(dict.fromkeys(IDS, 1.0), busy=0.1)
    assert workers_of(run_markersteal(n="auto")) == (
        2,
        "markersteal: 2 workers instead of 1: tests wait for 90% of their time "
        "(predicted 15.7 s, with 1 worker 30.4 s)",
    )
    remember(dict.fromkeys(IDS, 1.0), busy=0.1)
    assert workers_of(run_markersteal("-omarkersteal_max_workers=3", n="auto"))[0] == 3
    remember(dict.fromkeys(IDS, 1.0), busy=0.1)
    assert workers_of(run_markersteal("-omarkersteal_max_workers=1", n="auto"))[0] == 1
    remember(dict.fromkeys(IDS, 1.0), busy=0.1)
    assert workers_of(run_markersteal("--maxprocesses=1", n="auto"))[0] == 1


def test_children_that_compute_are_no_waiting(pytester, run_markersteal):
    """A test that runs a compiler keeps a core busy, although its own process does not."""
    pytest.importorskip("resource")
    pytester.makepyfile(
        test_it="""
        import subprocess, sys

        def test_it():
            program = "import time\\nwhile time.process_time() < 0.3: pass"
            subprocess.run([sys.executable, "-c", program], check=True)
        """
    )
    run_markersteal()
    history = Store(pytester.path).load()
    (times,) = map(history.times, history.node_ids())
    assert times.cpu_s >= 0.25  # It is kept in steps of a fifth.


def test_an_explicit_number_is_obeyed(pytester, run_markersteal, machine, remember, monkeypatch):
    """On the command line, and in the variable with which users tell xdist."""
    pytester.makepyfile(test_it=SUITE)
    machine(16)
    remember(dict.fromkeys(IDS, 0.0001))
    assert workers_of(run_markersteal(n=3)) == (3, None)
    pytester.path.joinpath("conftest.py").unlink()
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "3")
    assert workers_of(run_markersteal(n="auto")) == (3, None)


def test_off(pytester, run_markersteal, machine, remember):
    """``markersteal_auto = off`` leaves the number to xdist."""
    pytester.makepyfile(test_it=SUITE)
    machine(3)
    remember(dict.fromkeys(IDS, 0.0001))
    assert workers_of(run_markersteal("-omarkersteal_auto=off", n="auto")) == (3, None)


def test_other_schedulers_are_left_alone(pytester, run_pytest, machine, remember):
    """The number is ours only with ``--dist markersteal``."""
    pytester.makepyfile(test_it=SUITE)
    machine(3)
    remember(dict.fromkeys(IDS, 0.0001))
    for dist in ("--dist=worksteal", "-d"):
        result = run_pytest("-nauto", dist)
        result.stdout.fnmatch_lines(["created: 3/3 workers"])
        result.stdout.no_fnmatch_line("markersteal:*")


@pytest.mark.parametrize("n", ["auto", 2])
@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("markersteal_auto=perhaps", "*markersteal_auto: 'perhaps' is neither 'on' nor 'off'"),
        ("markersteal_max_workers=all", "*markersteal_max_workers: 'all' is no number of at *"),
        ("markersteal_max_workers=0", "*markersteal_max_workers: '0' is no number of at least 1"),
    ],
)
def test_wrong_values_are_usage_errors(pytester, run_markersteal, value, complaint, n):
    """With any number of workers, before any is started."""
    pytester.makepyfile(test_it=SUITE)
    result = run_markersteal(f"-o{value}", n=n)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([complaint])
    assert "Traceback" not in str(result.stderr) + str(result.stdout)


def test_only_what_is_under_the_paths_counts(pytester, run_markersteal, machine, remember):
    """A file, a node id or a folder on the command line, also from elsewhere."""
    pytester.makepyfile(test_it=SUITE, test_long="def test_long(): pass")
    pytester.makeini("[pytest]")
    machine(2)

    def run(*paths):
        remember(dict.fromkeys(IDS, 0.0001) | {"test_long.py::test_long": 100.0})
        return workers_of(run_markersteal(*paths, n="auto"))

    assert ": more would not help, as reporting takes longer than" in run("test_it.py")[1]
    assert "(predicted 0.4 s," in run("test_it.py::test_it[3]", "test_it.py::test_it[4]")[1]
    assert "test_long.py::test_long takes 107.8 s (" in run("test_long.py")[1]
    assert "test_long.py::test_long takes 107.8 s (" in run(".")[1]
    below = pytester.mkdir("below")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(below)
        assert "test_long.py::test_long takes 107.8 s (" in run("../test_long.py")[1]


def test_what_was_never_run_as_a_whole_is_not_known(pytester, run_markersteal, machine):
    """A first run of one file, or with -k, says nothing of the others."""
    pytester.makepyfile(test_it=SUITE, test_more=SUITE)
    machine(2)
    unknown = "markersteal: 2 workers: it is not known yet how long these tests take"
    run_markersteal("test_it.py")
    run_markersteal("-k2")
    run_markersteal("test_more.py::test_it[1]")
    assert workers_of(run_markersteal("test_more.py", n="auto")) == (2, unknown)
    assert workers_of(run_markersteal(n="auto")) == (2, unknown)
    assert workers_of(run_markersteal(n="auto"))[1] != unknown


def test_runs_that_fail_teach_no_start(pytester, run_markersteal):
    """Tests that fail may take long once they pass."""
    pytester.makepyfile(test_it="def test_a(): pass\ndef test_b(): assert False")
    run_markersteal()
    known = Store(pytester.path).load()
    assert list(known.functions) == ["test_it.py::test_a"]
    assert not known.startups


def test_with_a_filter_no_single_test_is_counted_on(pytester, run_markersteal, machine, remember):
    """The test that would limit the run may be left out by -k or -m: all workers may help."""
    pytester.makepyfile(test_it=SUITE)
    machine(2)
    long = dict.fromkeys(IDS, 1.0) | {IDS[0]: 100.0}
    remember(long)
    assert workers_of(run_markersteal(n="auto"))[0] == 2
    remember(long, demands=dict.fromkeys(IDS, KEYED))
    assert workers_of(run_markersteal(n="auto"))[0] == 1
    for option in ("-knot 0", "-mnot slow", "--lf"):
        remember(long, demands=dict.fromkeys(IDS, KEYED))
        assert workers_of(run_markersteal(option, n="auto"))[0] == 2


def test_a_run_on_busy_cores_is_no_proof_of_waiting(pytester, run_markersteal, machine, remember):
    """With -n8 on two cores tests take four times as long, and wait for nothing else."""
    pytester.makepyfile(test_it=SUITE)
    machine(2)
    remember(dict.fromkeys(IDS, 1.0), 0.25, {ALL: STARTUP._replace(waiting_share=None)})
    assert workers_of(run_markersteal("-omarkersteal_max_workers=8", n="auto"))[0] == 2


def test_files_without_start_ups_and_trouble(pytester, run_markersteal, machine, remember):
    """Without start-ups, or damaged: the number is xdist's, and trouble is told once."""
    pytester.makepyfile(test_it=SUITE)
    machine(2)
    remember(dict.fromkeys(IDS, 0.0001), startups={})
    assert workers_of(run_markersteal(n="auto"))[1].endswith(
        "not known yet how long these tests take"
    )
    Store(pytester.path).path.write_bytes(b"damaged")
    result = run_markersteal(n="auto")
    assert workers_of(result)[1].endswith("not known yet how long these tests take")
    assert str(result.stdout).count("can't be used") == 1


def test_quiet_runs_do_not_say_why(pytester, run_markersteal, machine, remember):
    """The header is left out with -q; the summary's line has the number."""
    pytester.makepyfile(test_it=SUITE)
    machine(16)
    remember(dict.fromkeys(IDS, 0.0001))
    result = run_markersteal("-q", n="auto")
    assert [line for line in result.outlines if "markersteal" in line] == [
        next(line for line in result.outlines if line.startswith("markersteal: 30 tests on 1 "))
    ]
    run_markersteal("-qq", n="auto").stdout.no_fnmatch_line("*markersteal*")


def test_capacities_that_shrank(pytester, run_markersteal, machine, remember):
    """Units that a test once held, and that are no longer there, are no trouble."""
    pytester.makepyfile(test_it=SUITE)
    machine(2)
    remember(dict.fromkeys(IDS, 1.0), demands=dict.fromkeys(IDS, Demand((Claim("db", units=4),))))
    result = run_markersteal(n="auto")
    assert result.ret == pytest.ExitCode.OK
    assert workers_of(result)[0] == 1


def test_without_xdist_and_without_a_run(pytester, run_pytest, machine):
    """The hook is xdist's; where xdist is not, or nothing is to run, nothing is asked."""
    pytester.makepyfile(test_it=SUITE)
    run_pytest("-pno:xdist").assert_outcomes(passed=30)
    machine(2)
    result = run_pytest("-nauto", "--dist=markersteal", "--collect-only", "-q")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("markersteal:*")


def test_session_fixtures_are_part_of_the_start(pytester, run_markersteal, machine, remember):
    """Each worker needs them."""
    pytester.makepyfile(test_it=SUITE)
    machine(2)
    remember(dict.fromkeys(IDS, 1.0), fixtures_s={Fixture("session", "", "server"): 10.0})
    assert workers_of(run_markersteal(n="auto"))[1].endswith("(predicted 24.9 s)")


def test_tests_that_are_gone_limit_nothing(pytester, run_markersteal, machine, remember):
    """A long test that was deleted is not waited for, once a run of all has not found it."""
    pytester.makepyfile(test_it=SUITE)
    machine(2)
    remember(dict.fromkeys(IDS, 1.0) | {"test_it.py::test_gone": 100.0})
    result = run_markersteal("--markersteal-record=always", n="auto")
    assert "predicted 108.2 s" in workers_of(result)[1]
    assert list(Store(pytester.path).load().functions) == ["test_it.py::test_it"]
    assert "108" not in workers_of(run_markersteal(n="auto"))[1]
