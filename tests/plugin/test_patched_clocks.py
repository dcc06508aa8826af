"""Tests that patch the clock: what the plugin measures must not depend on it."""

from __future__ import annotations

from pytest_markersteal.durations.store import Store

SUITE = """
    import time

    import pytest

    @pytest.mark.parametrize("number", range(6))
    def test_with_a_clock_that_ends(monkeypatch, number):
        # Whoever asks more often than the test fails.
        monkeypatch.setattr(time, "perf_counter", iter([1.0]).__next__)
        assert time.perf_counter() == 1.0

    @pytest.fixture(autouse=True)
    def frozen(monkeypatch):
        monkeypatch.setattr(time, "time", lambda: 1.6e9)
        monkeypatch.setattr(time, "process_time", lambda: 1.6e9)

    @pytest.mark.parametrize("number", range(6))
    def test_with_a_frozen_clock(number):
        assert time.time() == 1.6e9
"""


def test_patched_clocks_neither_fail_nor_mislead(pytester, run_markersteal):
    """Every test runs once, and what is recorded is what it really took."""
    pytester.makepyfile(SUITE)
    for _ in ("no durations are known", "all are known"):
        run_markersteal().assert_outcomes(passed=12)
    history = Store(pytester.path).load()
    tests = [history.times(node_id) for node_id in history.node_ids()]
    assert len(tests) == 12
    assert all(times.total_s < 100 for times in tests)
