"""Where a process runs, as its environment says."""

from __future__ import annotations

import pytest

from pytest_markersteal import place


def test_alone_is_slot_zero_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that asks for its slot also runs where pytest set nothing."""
    monkeypatch.delenv(place.SLOT_VARIABLE, raising=False)
    monkeypatch.delenv(place.COUNT_VARIABLE, raising=False)
    assert (place.worker_slot(), place.slot_count()) == (0, 1)


def test_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that processes which a test starts have the answers of the worker."""
    monkeypatch.setenv(place.SLOT_VARIABLE, "3")
    monkeypatch.setenv(place.COUNT_VARIABLE, "8")
    monkeypatch.setenv(place.RUN_VARIABLE, "5ca1ab1e")
    assert (place.worker_slot(), place.slot_count(), place.run_id()) == (3, 8, "5ca1ab1e")


def test_outside_of_a_run_there_is_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two strangers that were given the same id would take each other's things."""
    monkeypatch.delenv(place.RUN_VARIABLE, raising=False)
    with pytest.raises(LookupError, match="only pytest, and what it starts, belongs to a run"):
        place.run_id()
