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

ODD_REPORT = """
@pytest.hookimpl(tryfirst=True)
def pytest_report_to_serializable(report):
    if "test_odd" in report.nodeid and report.when == "call":
        return {"$report_type": "Odd", "outcome": "passed"}
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


def test_a_report_that_nobody_here_can_read(lab):
    """The run ends, and the test whose report it is counts as failed."""
    lab.conftest(ODD_REPORT)
    lab.module(
        """
def test_odd():
    pass

@pytest.mark.parametrize("n", range(4))
def test_plain(n):
    pass
"""
    )
    ledger = lab.run()
    assert ledger.status == 1, ledger.output
    assert ledger.names(ledger.crashed) == ["test_odd"]
    assert ledger.names(ledger.passed) == [f"test_plain[{n}]" for n in range(4)]
    assert not lab.leftovers()
