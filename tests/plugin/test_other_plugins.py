"""Runs together with the plugins that most suites have."""

from __future__ import annotations

import json
import re

import pytest


def test_everything_installed(pytester, run_markersteal):
    """All the plugins in the environment can be on at once."""
    pytester.makepyfile(
        """
        import asyncio, pytest

        @pytest.mark.asyncio
        @pytest.mark.parametrize("number", range(3))
        async def test_async(number):
            await asyncio.sleep(0)

        @pytest.mark.serial
        @pytest.mark.asyncio
        async def test_serial(): pass

        @pytest.mark.shared_resource("db")
        @pytest.mark.timeout(60)
        def test_keyed(): pass
        """
    )
    every = ["asyncio", "hypothesispytest", "pytest_cov", "randomly", "rerunfailures", "timeout"]
    result = run_markersteal("--reruns=1", "--timeout=60", plugins=every)
    result.assert_outcomes(passed=5)


def test_asyncio_fixtures(pytester, run_markersteal, witness):
    """Asynchronous tests and fixtures of wider scopes work, and are torn down."""
    pytester.makepyfile(
        """
        import asyncio, pytest, pytest_asyncio, witness

        @pytest_asyncio.fixture(scope="module", loop_scope="module")
        async def server():
            witness.tell("up")
            yield asyncio.get_running_loop()
            witness.tell("down")

        @pytest.mark.asyncio(loop_scope="module")
        @pytest.mark.parametrize("number", range(4))
        async def test_async(server, number):
            assert asyncio.get_running_loop() is server
        """
    )
    run_markersteal(plugins=["asyncio"]).assert_outcomes(passed=4)
    names = witness.names()
    assert names.count("up") == names.count("down") > 0


def test_reruns(pytester, run_markersteal, witness):
    """A flaky test is run again and passes; one that fails for good fails once."""
    pytester.makepyfile(
        """
        import pytest, witness

        @pytest.mark.parametrize("number", range(3))
        def test_flaky(number):
            assert not witness.first_time(f"flaky {number}")

        @pytest.mark.shared_resource("db")
        def test_broken():
            witness.tell("broken")
            assert False

        def test_good(): pass
        """
    )
    result = run_markersteal("--reruns=1", plugins=["rerunfailures"])
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] == 4
    assert outcomes["failed"] == 1
    assert outcomes["rerun"] == 4
    assert witness.names() == ["broken"] * 2


CRASHES_ONCE = """
    import pytest, witness

    {decorator}
    @pytest.mark.parametrize("number", range(5))
    def test_crash(request, number):
        if number == 2 and witness.first_time("crash"):
            witness.crash(request)
        witness.tell(str(number))
"""


@pytest.mark.parametrize("mark", ["", "serial", "shared_resource('db')"])
def test_rerun_after_a_crash(pytester, run_markersteal, witness, mark):
    """A test that took its worker down is run again, and so is every other test that waited."""
    decorator = f"@pytest.mark.{mark}" if mark else ""
    pytester.makepyfile(CRASHES_ONCE.format(decorator=decorator))
    result = run_markersteal("--reruns=1", plugins=["rerunfailures"])
    assert result.ret == pytest.ExitCode.OK
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] == 5
    assert outcomes["rerun"] == 1
    assert sorted(witness.names()) == ["0", "1", "2", "3", "4"]


def test_rerun_that_two_plugins_ask_for(pytester, run_markersteal, witness):
    """A crashed test that two plugins want to run again runs once more, not twice."""
    pytester.makeconftest(
        """
        def pytest_handlecrashitem(crashitem, report, sched):
            sched.mark_test_pending(crashitem)
        """
    )
    pytester.makepyfile(CRASHES_ONCE.format(decorator=""))
    result = run_markersteal("--reruns=1", plugins=["rerunfailures"])
    assert result.ret == pytest.ExitCode.OK
    assert result.parseoutcomes()["passed"] == 5
    assert sorted(witness.names()) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("when", ["setup", "call", "teardown"])
def test_rerun_that_is_asked_for_while_the_test_runs(pytester, run_markersteal, witness, when):
    """A plugin that wants it by a report of the test has it run once more, as with worksteal."""
    pytester.makeconftest(
        f"""
        import pytest

        class Again:
            asked = False

            def pytest_runtest_logreport(self, report):
                if "test_first" in report.nodeid and report.when == {when!r} and not self.asked:
                    self.asked = True
                    dsession = self.config.pluginmanager.getplugin("dsession")
                    dsession.sched.mark_test_pending(report.nodeid)

        def pytest_configure(config):
            if not hasattr(config, "workerinput"):
                Again.config = config
                config.pluginmanager.register(Again())
        """
    )
    pytester.makepyfile(
        """
        import pytest, witness

        def test_first(): witness.tell("first")

        @pytest.mark.parametrize("number", range(3))
        def test_other(number): witness.tell("other")
        """
    )
    result = run_markersteal("--timeout=60", plugins=["timeout"])
    assert result.ret == pytest.ExitCode.OK
    assert sorted(witness.names()) == ["first", "first", "other", "other", "other"]


def test_coverage(pytester, run_pytest):
    """The coverage of all workers is combined as with worksteal."""
    pytester.makepyfile(
        covered="""
        def branch(number):
            if number == 0:
                return "zero"
            if number == 1:
                return "one"
            if number == 2:
                return "two"
            return "many"
        """,
        test_it="""
        import covered, pytest

        @pytest.mark.parametrize("number", range(3))
        def test_branch(number):
            assert covered.branch(number)

        @pytest.mark.serial
        def test_serial():
            assert covered.branch(2)
        """,
    )

    def covered(dist):
        result = run_pytest(
            "-n2",
            f"--dist={dist}",
            "--cov=covered",
            "--cov-report=term-missing",
            plugins=["pytest_cov"],
        )
        result.assert_outcomes(passed=4)
        return [line.split() for line in result.outlines if re.match("covered.py|TOTAL", line)]

    ours = covered("markersteal")
    assert ours == covered("worksteal")
    assert ours[0] == ["covered.py", "8", "1", "88%", "8"]


def test_hypothesis_and_trio(pytester, run_markersteal):
    """The controller imports Hypothesis at the end, which looks for who refers to what trio has."""
    pytester.makepyfile("def test(): pass")
    result = run_markersteal("-Werror", plugins=["anyio", "hypothesispytest"])
    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=1)


def test_random_order(pytester, run_markersteal, witness):
    """pytest-randomly shuffles, and its seed gives each test the same numbers on any worker."""
    pytester.makepyfile(
        """
        import pytest, random, witness

        @pytest.mark.parametrize("number", range(30))
        def test_number(number):
            witness.tell(str(number), drawn=random.random())
        """
    )
    drawn = {}
    for n in (0, 1, 2):
        result = run_markersteal("--randomly-seed=1", n=n, plugins=["randomly"])
        result.assert_outcomes(passed=30)
        drawn[n] = {event["name"]: event["drawn"] for event in witness.events()}
        assert len(witness.names()) == len(drawn[n]) == 30
        if n == 1:
            assert witness.names() == list(drawn[0]) != sorted(drawn[0], key=int)
        witness.clear()
    assert drawn[0] == drawn[1] == drawn[2]


def test_timeout_kills_the_worker(pytester, run_markersteal, witness):
    """A test that hangs is blamed for its worker's end, and all others run."""
    pytester.makepyfile(
        test_it="""
        import pytest, threading, witness

        @pytest.mark.parametrize("number", range(6))
        def test_number(number):
            if number == 1:
                threading.Event().wait(60)
            witness.tell(str(number))
        """
    )
    result = run_markersteal(
        "--timeout=3", "--timeout-method=thread", "--max-worker-restart=1", plugins=["timeout"]
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["FAILED test_it.py::test_number[[]1]*"])
    assert sorted(witness.names()) == ["0", "2", "3", "4", "5"]


def test_timeout_by_signal(pytester, run_markersteal):
    """A test that is interrupted by a timeout fails, and its worker goes on."""
    pytester.makepyfile(
        """
        import pytest, threading

        @pytest.mark.timeout(0.3)
        def test_hangs():
            threading.Event().wait(60)

        @pytest.mark.parametrize("number", range(3))
        def test_good(number): pass
        """
    )
    result = run_markersteal(n=2, plugins=["timeout"])
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.no_fnmatch_line("*crashed*")


@pytest.mark.parametrize("method", ["signal", "thread"])
def test_waiting_for_the_next_test_is_no_timeout(pytester, run_markersteal, method):
    """While a worker starts on a host that is slow to answer, nobody is told what comes next."""
    pytester.makeconftest(
        """
        import time

        def pytest_xdist_newgateway(gateway):
            if gateway.id == "gw2":
                time.sleep(5)
        """
    )
    pytester.makepyfile(
        """
        import os, pytest, time

        def test_dies():
            time.sleep(0.5)
            os._exit(1)

        @pytest.mark.timeout(3)
        @pytest.mark.parametrize("number", range(6))
        def test_good(number):
            time.sleep(0.4)
        """
    )
    result = run_markersteal(f"--timeout-method={method}", n=2, plugins=["timeout"])
    result.assert_outcomes(passed=6, failed=1)


def test_a_timeout_goes_on_after_waiting(pytester, run_markersteal):
    """A teardown that hangs ends its worker by a thread, as it would without late binding."""
    pytester.makepyfile(
        """
        import pytest, threading

        @pytest.fixture
        def hangs():
            yield
            threading.Event().wait(60)

        @pytest.mark.timeout(2)
        def test_hangs(hangs): pass

        def test_good(): pass
        """
    )
    options = ["--timeout-method=thread", "--max-worker-restart=1"]
    result = run_markersteal(*options, n=1, plugins=["timeout"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["FAILED test_*::test_hangs*"])


def test_another_plugin_may_have_a_group_of_gateways(pytester, run_markersteal):
    """That of xdist is one of this plugin's, and nobody else's is."""
    pytester.makeconftest(
        """
        import execnet, pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_sessionstart():
            group = execnet.Group()
            assert type(group) is execnet.Group
            assert group.makegateway("popen").remote_exec("channel.send(7)").receive() == 7
            group.terminate(1)
        """
    )
    pytester.makepyfile("def test_nothing(): pass")
    run_markersteal(n=1).assert_outcomes(passed=1)


def test_anyio_fixtures(pytester, run_markersteal, witness):
    """Fixtures of module scope live in the backend of their tests, and are torn down."""
    pytester.makepyfile(
        """
        import pytest, sniffio, witness

        pytestmark = pytest.mark.anyio

        @pytest.fixture(scope="module", params=["asyncio", "trio"])
        def anyio_backend(request):
            return request.param

        @pytest.fixture(scope="module")
        async def server(anyio_backend):
            witness.tell("up")
            yield sniffio.current_async_library()
            witness.tell("down")

        @pytest.mark.parametrize("number", range(3))
        async def test_async(server, anyio_backend, number):
            assert server == sniffio.current_async_library() == anyio_backend
        """
    )
    run_markersteal(plugins=["anyio"]).assert_outcomes(passed=6)
    names = witness.names()
    assert names.count("up") == names.count("down") > 1


@pytest.mark.skipif(pytest.version_tuple < (9,), reason="pytest has subtests since version 9")
def test_subtests(pytester, run_pytest):
    """Each subtest is reported with its description, as with worksteal."""
    pytester.makepyfile(
        """
        import pytest, unittest

        @pytest.mark.parametrize("number", range(3))
        def test_parts(subtests, number):
            for part in range(4):
                with subtests.test("part", part=part):
                    assert part != number

        @pytest.mark.serial
        def test_skipped(subtests):
            with subtests.test("absent"):
                pytest.skip("not here")

        class TestUnittest(unittest.TestCase):
            def test_parts(self):
                for part in range(3):
                    with self.subTest("unittest", part=part):
                        assert part != 1
        """
    )

    def told(dist):
        result = run_pytest("-n2", f"--dist={dist}", "-v", "-rA")
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        lines = [line for line in result.outlines if re.match(r"(SUBFAIL|SUBPASS|SUBSKIP)", line)]
        # How far the run was by then differs from run to run.
        lines = [re.sub(r" +\[ *\d+%\]$", "", line) for line in lines]
        return sorted(lines), result.parseoutcomes()

    lines, outcomes = told("markersteal")
    assert (lines, outcomes) == told("worksteal")
    assert sum("part=" in line for line in lines) >= 4


def test_report_log(pytester, run_pytest):
    """The log has what a serial run's has: properties, output, and each phase once."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(6))
        def test_number(number, record_property):
            print("printed by", number)
            record_property("square", number * number)
            assert number != 4

        @pytest.mark.shared_resource("db")
        @pytest.mark.xfail
        def test_expected_to_fail():
            raise AssertionError
        """
    )

    def logged(*options):
        run_pytest("--report-log=log.jsonl", *options, plugins=["pytest_reportlog"])
        reports = map(json.loads, pytester.path.joinpath("log.jsonl").read_text().splitlines())
        kept = ("nodeid", "when", "outcome", "user_properties", "sections", "wasxfail")
        tests = [one for one in reports if one["$report_type"] == "TestReport"]
        return sorted(json.dumps([one.get(key) for key in kept]) for one in tests)

    ours = logged("-n2", "--dist=markersteal")
    assert ours == logged("-n0")
    assert len(ours) == 21


def test_statistics_of_hypothesis(pytester, run_markersteal):
    """They reach the controller for every property, with the example that fails."""
    pytester.makepyfile(
        """
        import pytest
        from hypothesis import given, settings, strategies

        @pytest.mark.parametrize("name", ["a", "b", "c"])
        @settings(max_examples=10, deadline=None)
        @given(strategies.booleans())
        def test_good(name, value): pass

        @pytest.mark.serial
        @settings(derandomize=True, deadline=None)
        @given(strategies.integers())
        def test_bad(value):
            assert value < 100
        """
    )
    result = run_markersteal("--hypothesis-show-statistics", plugins=["hypothesispytest"])
    result.assert_outcomes(passed=3, failed=1)
    assert (
        sum(line.startswith("test_statistics") and line.endswith(":") for line in result.outlines)
        == 4
    )
    result.stdout.fnmatch_lines(["*value=100,*"])


def test_groups_of_split(pytester, run_markersteal):
    """One of two groups runs, and the durations of its tests are stored."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test_number(number): pass
        """
    )
    group = ("--splits=2", "--group=2", "--store-durations")
    run_markersteal(*group, plugins=["pytest-split"]).assert_outcomes(passed=4)
    stored = json.loads(pytester.path.joinpath(".test_durations").read_text())
    assert sorted(stored) == [
        f"test_groups_of_split.py::test_number[{number}]" for number in range(4, 8)
    ]
