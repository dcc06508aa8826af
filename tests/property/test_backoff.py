"""The pauses between retries stay within their bounds."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from pytest_markersteal.sync import RetryWithBackoff
from pytest_markersteal.sync.retrying import Backoff

seconds = st.floats(0, 1e9)
fractions = st.floats(0, 1)
backoffs = st.builds(Backoff, initial_s=seconds, max_wait_s=seconds, jitter=fractions)
attempts = st.integers(1, 10_000)


@given(backoffs, attempts, fractions)
def test_each_pause_is_within_its_bounds(backoff: Backoff, attempt: int, draw: float) -> None:
    """At most the doubled and capped pause, at least that without the fraction ``jitter``."""
    pauses_s = (backoff.wait_s(attempt, 1.0), backoff.wait_s(attempt, draw))
    full_s = backoff.wait_s(attempt, 0.0)
    assert 0 <= pauses_s[0] <= pauses_s[1] <= full_s <= backoff.max_wait_s
    assert pauses_s[0] == full_s * (1 - backoff.jitter)


@given(backoffs, st.integers(1, 60))
def test_without_jitter_pauses_double_up_to_the_most(backoff: Backoff, attempt: int) -> None:
    """From the first, which is ``initial_s`` unless that is too long itself."""
    assert backoff.wait_s(1, 0.0) == min(backoff.initial_s, backoff.max_wait_s)
    doubled_s = 2 * backoff.wait_s(attempt, 0.0)
    assert backoff.wait_s(attempt + 1, 0.0) == min(doubled_s, backoff.max_wait_s)


class Clock:
    """Time passes while somebody sleeps, and with each attempt."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept_s: list[float] = []

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, duration_s: float, /) -> None:
        self.slept_s.append(duration_s)
        self.now_s += duration_s


@given(
    backoff=st.builds(
        Backoff, initial_s=st.floats(0, 10), max_wait_s=st.floats(0, 10), jitter=fractions
    ),
    attempts=st.integers(1, 20),
    deadline_s=st.floats(0, 30),
    attempt_s=st.floats(0, 5),
)
def test_runs_keep_to_attempts_pauses_and_deadline(
    backoff: Backoff, attempts: int, deadline_s: float, attempt_s: float
) -> None:
    """Whatever is drawn: never too often, never too soon, never after the deadline.

    And it gives up for a reason only: because of one of the limits.
    """
    clock = Clock()
    retry = RetryWithBackoff(
        ConnectionError,
        attempts=attempts,
        initial_s=backoff.initial_s,
        max_wait_s=backoff.max_wait_s,
        jitter=backoff.jitter,
        deadline_s=deadline_s,
        clock=clock,
    )
    began_s = []

    @retry
    def connect() -> None:
        began_s.append(clock.now_s)
        clock.now_s += attempt_s
        raise ConnectionError

    try:
        connect()
    except ConnectionError:
        pass
    else:
        raise AssertionError("it never succeeded")
    assert 1 <= len(began_s) <= attempts
    assert all(moment_s <= deadline_s for moment_s in began_s)
    for attempt, pause_s in zip(itertools.count(1), clock.slept_s):
        assert backoff.wait_s(attempt, 1.0) <= pause_s <= backoff.wait_s(attempt, 0.0)
    longest_s = backoff.wait_s(len(began_s), 0.0)
    assert len(began_s) == attempts or clock.now_s + longest_s > deadline_s
