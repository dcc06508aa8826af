"""Slots, runs and ``markersteal_env``, as conftests and tests see them."""

from __future__ import annotations

import pytest

CONFTEST = """
import os, witness

witness.tell("import", url=os.environ["URL"])
"""

TEST = """
import os, pytest_markersteal, witness

def test_place(worker_id, worker_slot, slot_count, run_id):
    assert worker_slot == pytest_markersteal.worker_slot()
    assert slot_count == pytest_markersteal.slot_count()
    assert run_id == pytest_markersteal.run_id()
    witness.tell("test", url=os.environ["URL"], count=slot_count, run=run_id)
    witness.meet("all tests", 2)
"""


@pytest.fixture(autouse=True)
def settings(pytester, monkeypatch):
    """The variable is made from itself, so one that was made twice is told from one made once."""
    pytester.makeini("[pytest]\nmarkersteal_env = URL={URL}/{slot}-{worker}")
    pytester.makeconftest(CONFTEST)
    monkeypatch.setenv("URL", "db")


def told(witness, name):
    """What was told as ``name``, by process."""
    return {event["worker"]: event for event in witness.events() if event["name"] == name}


@pytest.mark.parametrize("dist", ["markersteal", "load", "worksteal", "loadfile"])
def test_each_worker_has_its_place_before_it_imports_a_conftest(
    dist, pytester, run_pytest, witness
):
    """Under every dist mode; the controller imports conftests as slot 0 of its own."""
    pytester.makepyfile(test_one=TEST, test_two=TEST)
    run_pytest("-n2", f"--dist={dist}").assert_outcomes(passed=2)
    imported = {name: event["url"] for name, event in told(witness, "import").items()}
    assert imported == {"main": "db/0-master", "gw0": "db/0-gw0", "gw1": "db/1-gw1"}
    tests = told(witness, "test")
    assert {name: event["url"] for name, event in tests.items()} == {
        "gw0": "db/0-gw0",
        "gw1": "db/1-gw1",
    }
    assert [event["count"] for event in tests.values()] == [2, 2]
    assert len({event["run"] for event in tests.values()}) == 1


@pytest.mark.parametrize("arguments", [(), ("-n0",), ("-p", "no:xdist")])
def test_without_workers_there_is_slot_zero(arguments, pytester, run_pytest, witness):
    """And a run of its own for each call."""
    pytester.makepyfile(test_one=TEST.replace("worker_id, ", ""), test_two="")
    for _ in range(2):
        witness.clear()
        (pytester.path / "all tests.other.here").touch()
        run_pytest(*arguments).assert_outcomes(passed=1)
        assert told(witness, "import")["main"]["url"] == "db/0-master"
        (test,) = told(witness, "test").values()
        assert (test["url"], test["count"]) == ("db/0-master", 1)


def test_the_run_is_called_the_same_everywhere(pytester, run_pytest, witness):
    """In the controller and the workers; by the name that xdist is given, if it is."""
    pytester.makeconftest(
        """
        import pytest_markersteal, witness

        def pytest_configure(config):
            witness.tell("run", run=pytest_markersteal.run_id())

        def pytest_sessionfinish(session):
            witness.tell("end", run=pytest_markersteal.run_id(),
                         count=pytest_markersteal.slot_count())
        """
    )
    pytester.makepyfile("def test_run(run_id, testrun_uid): assert run_id == testrun_uid")
    runs = []
    for given in ([], [], ["--testrunuid=mine"]):
        witness.clear()
        run_pytest("-n2", *given).assert_outcomes(passed=1)
        events = witness.events()
        assert {event["worker"] for event in events} == {"main", "gw0", "gw1"}
        assert {event["count"] for event in events if event["name"] == "end"} == {2}
        (run,) = {event["run"] for event in events}
        runs.append(run)
    assert len(set(runs)) == 3
    assert runs[-1] == "mine"


def test_a_replacement_gets_the_variables_of_its_slot(pytester, run_markersteal, witness):
    """Made from what the controller was given, not from what it had itself for a while."""
    pytester.makepyfile(
        """
        import os, witness

        def test_crashes():
            if witness.first_time("crash"):
                os._exit(1)

        def test_later():
            pass
        """
    )
    run_markersteal(n=1).assert_outcomes(passed=1, failed=1)
    imported = {name: event["url"] for name, event in told(witness, "import").items()}
    assert imported == {"main": "db/0-master", "gw0": "db/0-gw0", "gw1": "db/0-gw1"}


def test_what_runs_a_slot_again_has_its_variables(pytester, run_markersteal, run_pytest, witness):
    """As they were for its worker, though there is none."""
    pytester.makepyfile(test_one=TEST, test_two=TEST)
    run_markersteal(n=2).assert_outcomes(passed=2)
    (trace,) = (pytester.path / ".markersteal" / "runs").glob("*.trace")
    witness.clear()
    run_pytest("--markersteal-replay", trace, "--slot=1").assert_outcomes(passed=1, deselected=1)
    assert told(witness, "import")["main"]["url"] == "db/1-master"
    (test,) = told(witness, "test").values()
    assert (test["url"], test["count"]) == ("db/1-master", 2)


def test_a_pytest_in_a_test_has_a_place_of_its_own(pytester, run_markersteal, witness):
    """It is no worker, though it inherits the variables of one; its own workers are."""
    inner = pytester.mkdir("inner")
    (inner / "pytest.ini").write_text(
        "[pytest]\nmarkersteal_env = URL={URL}/inner{slot}-{worker}", encoding="utf-8"
    )
    (inner / "test_inner.py").write_text(
        "import os\n"
        "def test_inner(slot_count):\n"
        "    print('TOLD', os.environ['URL'], slot_count, 'END')\n",
        encoding="utf-8",
    )
    pytester.makepyfile(
        test_outer="""
        import os, subprocess, sys

        def run(*arguments):
            command = [sys.executable, "-m", "pytest", "-rP", *arguments, "inner"]
            told = subprocess.run(command, capture_output=True, text=True).stdout
            return told.partition("TOLD ")[2].partition(" END")[0]

        def test_outer():
            own = os.environ["URL"]
            assert run("-n0") == f"{own}/inner0-master 1"
            assert run("-n1") == f"{own}/inner0-gw0 1"
        """
    )
    run_markersteal("test_outer.py", n=2).assert_outcomes(passed=1)


def test_pytest_in_a_process_leaves_its_environment_as_it_was(pytester, monkeypatch, witness):
    """Who calls pytest.main twice doesn't get what the first call set."""
    pytester.makepyfile(
        "import os\n"
        "def test_set(run_id):\n"
        "    assert os.environ['URL'] == 'db/0-master'\n"
        "    os.environ['URL'] = 'theirs'\n"
    )
    script = pytester.makepyfile(
        twice="""
        import os, sys, pytest

        names = {name for name in os.environ if "MARKERSTEAL" in name}
        assert pytest.main(["-pno:randomly"]) == 0
        assert os.environ["URL"] == "theirs"
        assert {name for name in os.environ if "MARKERSTEAL" in name} == names
        os.environ["URL"] = "db"
        sys.modules.pop("test_pytest_in_a_process_leaves_its_environment_as_it_was")
        assert pytest.main(["-pno:randomly", "--collect-only"]) == 0
        assert os.environ["URL"] == "db"
        """
    )
    assert pytester.runpython(script).ret == 0


def test_it_comes_before_plugins_that_import_settings(pytester, run_pytest, witness):
    """Some do so in a hook that is called before all others of its kind."""
    pytester.makepyfile(
        settings_plugin="""
        import os, pytest, witness

        @pytest.hookimpl(tryfirst=True)
        def pytest_load_initial_conftests():
            witness.tell("settings", url=os.environ["URL"])
        """,
        test_nothing="def test_nothing(): pass",
    )
    run_pytest("-p", "settings_plugin").assert_outcomes(passed=1)
    assert told(witness, "settings")["main"]["url"] == "db/0-master"


@pytest.mark.parametrize("arguments", [("-n2",), ()])
@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("markersteal_env=URL={slto}", "*markersteal_env: 'URL={slto}': there is no {slto}; *"),
        ("markersteal_env=URL", "*markersteal_env: 'URL' is not of the form 'NAME=template'*"),
        ("markersteal_ports=15000", "*markersteal_ports: '15000' is not of the form 'first-last'*"),
        ("markersteal_ports=9-8", "*markersteal_ports: '9-8' is not of the form *"),
        ("markersteal_ports=1-65536", "*markersteal_ports: '1-65536' is not of the form *"),
    ],
)
def test_malformed_settings_are_usage_errors(arguments, setting, message, run_pytest, witness):
    """Before a worker is started, or anything collected."""
    result = run_pytest(*arguments, "-o", setting)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    assert set(told(witness, "import")) <= {"main"}
