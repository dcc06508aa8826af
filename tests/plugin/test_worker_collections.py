"""Workers that collect the same tests in other ways, or other tests."""

from __future__ import annotations

import pytest


def test_order_depends_on_the_worker(pytester, run_markersteal, witness):
    """Workers that collect the same tests in different orders run each test once, as marked."""
    pytester.makeconftest(
        """
        import os, random

        def pytest_collection_modifyitems(items):
            random.Random(os.environ["PYTEST_XDIST_WORKER"]).shuffle(items)
        """
    )
    pytester.makepyfile(
        test_it="""
        import pytest, witness

        @pytest.mark.parametrize("number", range(20))
        def test_number(request, number):
            witness.tell(request.node.name)

        @pytest.mark.parametrize("number", range(4))
        @pytest.mark.shared_resource("db")
        def test_keyed(request, number):
            with witness.span(request.node.name):
                pass

        @pytest.mark.no_parallel
        def test_alone(request):
            with witness.span(request.node.name):
                pass
        """
    )
    result = run_markersteal("-v", n=3)
    result.assert_outcomes(passed=25)
    names = witness.names()
    assert len(names) == len(set(names)) == 25
    passed = [line.split()[-1] for line in result.outlines if "PASSED" in line]
    assert sorted(passed) == sorted(f"test_it.py::{name}" for name in names)
    assert witness.overlaps(lambda *_: True) == []


def test_order_and_crash(pytester, run_markersteal, witness):
    """A crash blames the test that ran, whatever number its worker knew it by."""
    pytester.makeconftest(
        """
        import os

        def pytest_collection_modifyitems(items):
            if os.environ["PYTEST_XDIST_WORKER"] != "gw0":
                items.reverse()
        """
    )
    pytester.makepyfile(
        test_it="""
        import os, pytest, witness

        @pytest.mark.parametrize("number", range(10))
        def test_number(request, number):
            if number in (2, 8):
                os._exit(1)
            witness.tell(str(number))
        """
    )
    result = run_markersteal()
    result.assert_outcomes(passed=8, failed=2)
    result.stdout.fnmatch_lines_random(["FAILED *test_number[[]2]*", "FAILED *test_number[[]8]*"])
    assert sorted(witness.names()) == [str(n) for n in range(10) if n not in (2, 8)]


def test_duplicates_of_a_node_id(pytester, run_markersteal, witness):
    """Tests that have the same node id all run."""
    pytester.makeconftest(
        """
        import os

        def pytest_collection_modifyitems(items):
            items += [item for item in items if "twice" in item.name]
            if os.environ["PYTEST_XDIST_WORKER"] == "gw1":
                items.reverse()
        """
    )
    pytester.makepyfile(
        """
        import pytest, witness

        @pytest.mark.parametrize("number", range(3))
        def test_twice(request, number):
            witness.tell(request.node.name)

        @pytest.mark.shared_resource("db")
        def test_twice_with_a_key():
            with witness.span("keyed"):
                pass

        def test_once():
            witness.tell("once")
        """
    )
    run_markersteal().assert_outcomes(passed=9)
    names = ["keyed", "test_twice[0]", "test_twice[1]", "test_twice[2]"]
    assert sorted(witness.names()) == sorted([*names, *names, "once"])
    assert witness.overlaps(lambda *_: True) == []


def test_different_tests(pytester, run_markersteal, witness):
    """Workers that collect different tests end the run with the difference, and run nothing."""
    pytester.makepyfile(
        test_it="""
        import os, pytest, witness

        @pytest.mark.parametrize("worker", [os.environ["PYTEST_XDIST_WORKER"], "any"])
        def test_it(worker):
            witness.tell("ran")
        """
    )
    result = run_markersteal()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "*Workers gw0 and gw1 collected different tests*",
            "*Only on gw0 (1):",
            "*  test_it.py::test_it[[]gw0]",
            "*Only on gw1 (1):",
            "*  test_it.py::test_it[[]gw1]",
        ]
    )
    assert witness.names() == []


def test_replacement_with_different_tests(pytester, run_markersteal, witness):
    """A replacement that collects other tests runs none of them, and the run goes on without."""
    pytester.makepyfile(
        test_it="""
        import os, pytest, witness

        late = os.environ["PYTEST_XDIST_WORKER"] not in ("gw0", "gw1")

        @pytest.mark.parametrize("number", range(6 if late else 5))
        def test_it(number):
            if number == 1 and witness.first_time("crash"):
                os._exit(1)
            witness.tell(str(number), late=late)
        """
    )
    result = run_markersteal()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert sorted(witness.names()) == ["0", "2", "3", "4"]
    assert not any(event["late"] for event in witness.events())


@pytest.mark.parametrize("broken", ["everywhere", "on one worker"])
def test_collection_errors(pytester, run_pytest, witness, broken):
    """Files that can't be collected have the outcome that they have with worksteal."""
    condition = "True" if broken == "everywhere" else "os.environ['PYTEST_XDIST_WORKER'] == 'gw1'"
    pytester.makepyfile(
        test_good="""
        import witness

        def test_good(): witness.tell("good")
        """,
        test_broken=f"""
        import os

        if {condition}:
            raise RuntimeError("can't be collected")
        """,
    )

    def told(dist):
        result = run_pytest("-n2", f"--dist={dist}")
        outcomes = result.parseoutcomes()
        result.stdout.fnmatch_lines(["*RuntimeError: can't be collected", "ERROR test_broken.py*"])
        names = witness.names()
        witness.clear()
        return result.ret, outcomes.get("errors"), outcomes.get("passed"), names

    assert told("markersteal") == told("worksteal")
    went_on = [
        run_pytest("-n2", f"--dist={dist}", "--continue-on-collection-errors")
        for dist in ("markersteal", "worksteal")
    ]
    ours, theirs = ((result.ret, result.parseoutcomes()) for result in went_on)
    assert ours == theirs
    assert ours[1]["passed"] == 1


def test_doctests(pytester, run_markersteal):
    """Doctests run beside tests, and a failing one is reported."""
    pytester.makepyfile(
        sums='''
        """
        >>> 1 + 1
        2
        """

        def product(a, b):
            """
            >>> product(2, 3)
            7
            """
            return a * b
        '''
    )
    pytester.makefile(".txt", test_text=">>> 1 + 2\n3\n")
    pytester.makepyfile(test_it="def test_it(): pass")
    result = run_markersteal("--doctest-modules", "--doctest-glob=*.txt")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["FAILED sums.py::sums.product*"])
