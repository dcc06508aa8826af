"""Workers that send what the controller can't make anything of."""

from __future__ import annotations

ODD_WARNING = """
import warnings

def test_warns():
    class Local(UserWarning):  # Which no other process can import.
        pass
    warnings.warn(Local("odd"))

def test_next():
    if first("began"):
        time.sleep(3)
    note(event="through")
"""


def test_a_worker_that_xdist_gives_up_runs_nothing_more(lab):
    """Others have its tests then, so that what it still did would be done and told twice."""
    lab.module(ODD_WARNING)
    ledger = lab.run(workers=1)
    assert ledger.status == 1, ledger.output
    assert ledger.names(ledger.crashed) == ["test_warns"]
    assert (
        "'test_inner.py::test_warns': what it sent can't be read: AttributeError" in ledger.output
    )
    assert len(ledger.of("through")) == 1
    assert ledger.names(ledger.passed) == ["test_next", "test_warns"]
    assert not lab.leftovers()
