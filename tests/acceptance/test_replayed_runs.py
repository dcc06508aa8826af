"""Replays with real workers: planted failures come back, and faults break no promise."""

from __future__ import annotations

import pytest

from pytest_markersteal.trace.folder import traces
from pytest_markersteal.trace.reader import read

AGAIN = 3
"""How often a run is replayed; ``bench/replay.py`` does it more often, and plants by chance."""

IS_NOW = """
def is_now(schedule):
    return os.path.exists(schedule)
"""

BEFORE = {
    "test_2_poison": """
import state

def test_poison():
    state.polluted = True
    if is_now("apart"):
        wait_for("victim ended")
""",
    "test_3_victim": """
import state

def test_victim():
    try:
        assert not state.polluted
    finally:
        touch("victim ended")
""",
    "test_1_other": """
def test_other():
    if is_now("together"):
        wait_for("victim ended")
    time.sleep(0.1 if is_now("replay") else 0)
""",
}
"""The victim fails where it runs after the poison, in the same worker."""

MEANWHILE = {
    "test_1_writer": """
def test_writer():
    touch("shared")
    # In a replay too: that both run is what a replay forces, not how far they have come.
    if is_now("together") or is_now("replay-together"):
        wait_for("reader ended")
    os.unlink("shared")
    touch("writer ended")
""",
    "test_2_first": """
def test_first():
    if is_now("together"):
        wait_for("shared")
    elif is_now("apart"):
        # Not only its last line: the trace must have it that the reader began after its end.
        wait_until(lambda: seen("end") >= 1)
""",
    "test_3_reader": """
def test_reader():
    if is_now("replay-together"):
        wait_until(lambda: os.path.exists("shared") or os.path.exists("writer ended"))
    try:
        assert not os.path.exists("shared")
    finally:
        touch("reader ended")
""",
}
"""The reader fails where it runs while the writer does."""


def trace_of(lab):
    """The trace of the last run."""
    return traces(lab.path)[-1]


def slots_of(trace):
    """The names of the tests of each slot, in order."""
    found = {}
    for run in trace.tests:
        found.setdefault(trace.slot(run), []).append(trace.ids[run.test].partition("::")[2])
    return found


@pytest.mark.parametrize(
    ("plant", "victim"),
    [(BEFORE, "test_victim"), (MEANWHILE, "test_reader")],
    ids=["before", "meanwhile"],
)
@pytest.mark.parametrize("schedule", ["together", "apart"])
def test_a_planted_failure_comes_back(lab, plant, victim, schedule):
    """What the schedule broke, or not, is broken or not in each replay, with other durations."""
    (lab.path / "state.py").write_text("polluted = False\n")
    for name, source in plant.items():
        lab.module(IS_NOW + source, name)
    lab.touch(schedule)
    failed = [victim] if schedule == "together" else []
    ledger = lab.run()
    assert ledger.names(ledger.failed) == failed, ledger.output
    trace = trace_of(lab)
    (lab.path / schedule).unlink()
    lab.touch("replay")
    lab.touch(f"replay-{schedule}")
    for _ in range(AGAIN):
        for left in ("events.jsonl", "reader ended", "writer ended"):
            (lab.path / left).unlink(missing_ok=True)
        ledger = lab.run("--markersteal-replay", str(trace))
        assert ledger.names(ledger.failed) == failed, ledger.output
        assert slots_of(read(trace_of(lab))) == slots_of(read(trace))


DIES = """
@pytest.mark.parametrize("n", range(5))
def test_before(n):
    time.sleep(0.01)

def test_dies():
    if os.path.exists("deadly"):
        wait_for("other began")
        die()

@pytest.mark.parametrize("n", range(5))
def test_after(n):
    time.sleep(0.01)

def test_other():
    touch("other began")
    time.sleep(0.05)
"""


def test_a_worker_that_dies_in_a_replay_leaves_the_rest_to_its_replacement(lab):
    """Its slot goes on in the same order, and the others wait for it."""
    lab.module(DIES)
    lab.run().check(status=0)
    trace = trace_of(lab)
    lab.touch("deadly")
    (lab.path / "events.jsonl").unlink()
    lab.run("--markersteal-replay", str(trace)).check(status=1, crashed=["test_dies"])
    assert slots_of(read(trace_of(lab))) == slots_of(read(trace))


def test_a_worker_that_does_not_die_any_more_goes_on_where_its_replacement_did(lab):
    """The tests of both are those of one slot."""
    lab.module(DIES)
    lab.touch("deadly")
    lab.run().check(status=1, crashed=["test_dies"])
    trace = trace_of(lab)
    (lab.path / "deadly").unlink()
    (lab.path / "events.jsonl").unlink()
    lab.run("--markersteal-replay", str(trace)).check(status=0)
    again = read(trace_of(lab))
    assert slots_of(again) == slots_of(read(trace))
    assert len(again.workers) == 2
    died = next(run for run in again.tests if again.ids[run.test].endswith("test_dies"))
    assert died.parked or died == [r for r in again.tests if r.worker == died.worker][-1]


def test_a_slot_without_workers_holds_nobody_up(lab):
    """With no restarts left, its tests are reported as not run, and all others run."""
    lab.module(DIES)
    lab.run().check(status=0)
    trace = read(trace_of(lab))
    lab.touch("deadly")
    (lab.path / "events.jsonl").unlink()
    ledger = lab.run("--markersteal-replay", str(trace_of(lab)), "--max-worker-restart=0")
    (slot,) = [tests for tests in slots_of(trace).values() if "test_dies" in tests]
    left = len(slot) - slot.index("test_dies") - 1
    ledger.check(status=1, crashed=["test_dies"], not_run=left)
