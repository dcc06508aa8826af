"""Synchronisation for authors of tests: events, waiting, threads and retries that always end.

Whatever waits here has a limit, and where it gives up it raises ``WaitTimeoutError``, which shows
what every thread was doing.
"""

from pytest_markersteal.sync.clocks import Clock
from pytest_markersteal.sync.events import AsyncTestEvent, TestEvent
from pytest_markersteal.sync.retrying import RetryWithBackoff
from pytest_markersteal.sync.threads import synchronized_threads
from pytest_markersteal.sync.timeouts import WaitTimeoutError
from pytest_markersteal.sync.waiting import wait_for_condition, wait_for_condition_async

__all__ = [
    "AsyncTestEvent",
    "Clock",
    "RetryWithBackoff",
    "TestEvent",
    "WaitTimeoutError",
    "synchronized_threads",
    "wait_for_condition",
    "wait_for_condition_async",
]
