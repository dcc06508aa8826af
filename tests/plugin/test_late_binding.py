"""No test waits behind another while a worker is free; slots number the places to work."""

from __future__ import annotations

import pytest


def test_no_test_waits_while_a_worker_is_free(pytester, run_markersteal, witness):
    """Of 9 tests that nobody knows, 8 workers run 8 at the same time."""
    pytester.makepyfile(
        """
        import pytest, witness

        @pytest.mark.parametrize("number", range(9))
        def test_number(number):
            witness.tell(str(number))
            witness.meet("all workers", 8)
        """
    )
    run_markersteal(n=8).assert_outcomes(passed=9)
    assert len({event["worker"] for event in witness.events()}) == 8


def test_what_waits_behind_a_long_test_is_taken_over(
    pytester, run_markersteal, witness, monkeypatch
):
    """Where history is wrong, an idle worker takes what was to run after a long test."""
    pytester.makepyfile(
        """
        import os, pytest, witness

        @pytest.mark.parametrize("number", range(12))
        def test_number(number):
            if "WAIT" in os.environ:
                # All are met by themselves, but for the first, which stays until all are done.
                witness.meet("done", 12 if number == 0 else 1)
        """
    )
    run_markersteal().assert_outcomes(passed=12)
    monkeypatch.setenv("WAIT", "1")
    run_markersteal().assert_outcomes(passed=12)


def test_workers_wait_for_late_work(pytester, run_markersteal, witness):
    """A worker that found nothing to do is there when tests are freed or come back."""
    pytester.makepyfile(
        """
        import pytest, witness

        @pytest.mark.shared_resource("db")
        def test_first(request):
            if witness.first_time("crash"):
                witness.crash(request)

        @pytest.mark.shared_resource("db", "cache")
        def test_second():
            witness.meet("two workers", 2)

        @pytest.mark.shared_resource("disk", "tape")
        def test_third():
            witness.meet("two workers", 2)
        """
    )
    result = run_markersteal("--reruns=1", "--max-worker-restart=2", n=2, plugins=["rerunfailures"])
    assert result.ret == pytest.ExitCode.OK
    assert result.parseoutcomes()["passed"] == 3


def test_slots_are_compact(pytester, run_markersteal, witness):
    """The worker_slot fixture numbers the workers from 0; conftest knows it when imported."""
    pytester.makeconftest(
        """
        import os

        SLOT = int(os.environ.get("PYTEST_MARKERSTEAL_SLOT", -1))
        """
    )
    pytester.makepyfile(
        """
        import conftest, pytest, witness

        @pytest.mark.parametrize("number", range(3))
        def test_number(number, worker_slot):
            assert worker_slot == conftest.SLOT
            witness.tell("slot", slot=worker_slot)
            witness.meet("all workers", 3)
        """
    )
    run_markersteal(n=3).assert_outcomes(passed=3)
    slots = {event["worker"]: event["slot"] for event in witness.events()}
    assert slots == {"gw0": 0, "gw1": 1, "gw2": 2}


def test_replacement_inherits_the_slot(pytester, run_markersteal, witness):
    """The worker that replaces a crashed one has its slot, so there are never more than n."""
    pytester.makepyfile(
        """
        import os, pytest, witness

        @pytest.mark.parametrize("number", range(4))
        def test_number(number, worker_id, worker_slot):
            witness.tell("slot", slot=worker_slot)
            if worker_id in ("gw0", "gw1"):
                witness.meet("both crash", 2)
                os._exit(1)
            witness.meet("both replaced", 2)
        """
    )
    run_markersteal(n=2).assert_outcomes(passed=2, failed=2)
    slots = [(event["worker"], event["slot"]) for event in witness.events()]
    assert {worker for worker, _ in slots} == {"gw0", "gw1", "gw2", "gw3"}
    assert sorted(slot for _, slot in slots) == [0, 0, 1, 1]


def test_the_way_to_each_worker_is_measured(pytester, run_markersteal):
    """By its receiver thread, while tests run, and the scheduler is told."""
    pytester.makeconftest(
        """
        from pathlib import Path

        from pytest_markersteal.core.messages import RoundTrip, WorkerJoined
        from pytest_markersteal.core.scheduler import Scheduler

        handle = Scheduler.handle

        def listen(self, event, now_s=0.0):
            seconds = getattr(event, "round_trip_s", getattr(event, "seconds", 0.0))
            if isinstance(event, (RoundTrip, WorkerJoined)) and seconds > 0:
                Path(event.worker).touch()
            return handle(self, event, now_s)

        Scheduler.handle = listen
        """
    )
    pytester.makepyfile(
        """
        from pathlib import Path

        from pytest_markersteal.sync import wait_for_condition

        def test_both_are_measured(request):
            measured = [request.config.rootpath / name for name in ("gw0", "gw1")]
            wait_for_condition(lambda: all(path.exists() for path in measured), timeout_s=60)
        """
    )
    run_markersteal(n=2).assert_outcomes(passed=1)


@pytest.mark.parametrize("nobody", ["not nextitem", "nextitem is None"])
@pytest.mark.parametrize("place", ["module", "cls", "parent", "location[0]"])
def test_hooks_that_look_for_the_end_of_a_place(pytester, run_markersteal, nobody, place):
    """However they find that there is no next test, they go on as if it were elsewhere."""
    pytester.makeconftest(
        f"""
        def pytest_runtest_teardown(item, nextitem):
            if {nobody} or item.{place} != nextitem.{place}:
                item.config.stash
        """
    )
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.serial
        @pytest.mark.parametrize("number", range(3))
        def test_serial(number): pass

        def test_plain(): pass
        """
    )
    result = run_markersteal()
    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=4)
