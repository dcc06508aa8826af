"""Names that begin as those of test classes do, in suites that import them."""

from __future__ import annotations

import pytest


def test_events_are_no_test_classes(pytester, run_pytest):
    """pytest neither collects them nor warns, nor what is made of them."""
    pytester.makeini("[pytest]\npython_classes = Test Async")
    pytester.makepyfile(
        """
        from pytest_markersteal.sync import AsyncTestEvent, TestEvent

        class TestServerUp(TestEvent): pass
        """
    )
    result = run_pytest("--collect-only", "-Werror", "-q")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.no_fnmatch_line("*Event*")


def test_a_timeout_points_to_the_line_of_the_test(pytester, run_pytest):
    """The frames of the waiting itself are left out."""
    pytester.makepyfile(
        test_it="""
        from pytest_markersteal.sync import TestEvent, wait_for_condition

        def test_event():
            TestEvent().wait(timeout_s=0)

        def test_condition():
            wait_for_condition(bool, timeout_s=0)
        """
    )
    result = run_pytest("--tb=short")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["test_it.py:4: in test_event", "test_it.py:7: in test_condition"])
    result.stdout.no_fnmatch_line("*waiting.py:*: in wait_for_condition")
