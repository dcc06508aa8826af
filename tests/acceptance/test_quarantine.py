"""Workers that die with an instance of a pool: who gets it, and when."""

from __future__ import annotations

import pytest
from ledger import Ledger

from pytest_markersteal.trace.folder import traces
from pytest_markersteal.trace.reader import read

POOL = (
    "[pytest]\nmarkersteal_check_deadline_s = 0.2\nmarkersteal_resources = account = alice, bob\n"
)

ONE_DIES = """
@pytest.fixture
def account(resource):
    account = resource("account")
    note(event="holds", name=account.name)
    return account

@pytest.mark.shared_resource("account")
def test_dies(resource):
    note(event="dies with", name=resource("account").name)
    touch("died")
    die()
"""

ONE_EACH = """
@pytest.mark.shared_resource("account")
@pytest.mark.parametrize("n", range(6))
def test_one(account, n):
    time.sleep(0.005)
"""

BOTH = """
@pytest.mark.shared_resource("account", units=2)
def test_both(resource):
    note(event="holds both", names=resource("account").names)
"""


def check_all_told(ledger: Ledger, not_run: int = 0) -> None:
    """One test died, and of the others none was lost."""
    assert ledger.losses() == []
    assert ledger.names(ledger.crashed) == ["test_dies"]
    assert (ledger.status, ledger.not_run) == (1, not_run), ledger.output
    assert "INTERNALERROR" not in ledger.output


def died_with(ledger: Ledger) -> str:
    """The account that the test that died had."""
    (event,) = ledger.of("dies with")
    return str(event["name"])


def held_afterwards(ledger: Ledger) -> set[str]:
    """The accounts that tests were given after that."""
    kinds = [event["event"] for event in ledger.events]
    later = ledger.events[kinds.index("dies with") :]
    return {event["name"] for event in later if event["event"] == "holds"}


def test_nobody_gets_it_before_its_check_has_passed(lab):
    """Tests with another one run meanwhile; one that needs both waits for the check."""
    (lab.path / "pytest.ini").write_text(POOL.replace("0.2", "60"))
    lab.conftest(
        """
def pytest_markersteal_check_resource(key, instance, name):
    note(event="check", key=key, instance=instance, name=name)
    # One other may have been given before the crash, and all others after it.
    wait_until(lambda: seen("holds") >= 3)
    note(event="passed")
    return True
"""
    )
    lab.module(
        ONE_DIES
        + BOTH
        + """
@pytest.mark.shared_resource("account")
@pytest.mark.parametrize("n", range(6))
def test_one(account, n):
    wait_for("died")
"""
    )
    ledger = lab.run()
    check_all_told(ledger)
    (check,) = ledger.of("check")
    died = died_with(ledger)
    assert (check["key"], check["name"]) == ("account", died)
    assert check["instance"] == ["alice", "bob"].index(died)
    kinds = [event["event"] for event in ledger.events]
    meanwhile = ledger.events[kinds.index("dies with") : kinds.index("passed")]
    held = [event["name"] for event in meanwhile if event["event"] == "holds"]
    assert held
    assert died not in held
    assert kinds.index("holds both") > kinds.index("passed")
    assert sorted(ledger.of("holds both")[0]["names"]) == ["alice", "bob"]


def test_without_a_check_it_is_kept_until_the_end(lab):
    """All other tests run, with the other one, and the summary says so."""
    (lab.path / "pytest.ini").write_text(POOL)
    lab.module(ONE_DIES + ONE_EACH)
    ledger = lab.run()
    check_all_told(ledger)
    died = died_with(ledger)
    assert len(ledger.of("holds")) == 6
    assert died not in held_afterwards(ledger)
    assert f"'account' '{died}' was kept from tests since gw" in ledger.output
    assert "died in test_inner.py::test_dies: no pytest_markersteal_check" in ledger.output
    (path,) = traces(lab.path)
    (isolation,) = read(path).isolations
    assert (isolation.key, isolation.finding) == ("account", None)


CHECKS = {
    "return False": "found it unhealthy",
    "threading.Event().wait()": "did not end within 0.2 s",
}


@pytest.mark.parametrize("check", CHECKS)
def test_what_does_not_pass_is_kept_and_told(lab, check):
    """Tests that need it are not run, all others are, and the summary says which and why."""
    (lab.path / "pytest.ini").write_text(POOL)
    lab.conftest(f"import threading\ndef pytest_markersteal_check_resource():\n    {check}")
    lab.module(ONE_DIES + ONE_EACH + BOTH)
    ledger = lab.run()
    check_all_told(ledger, not_run=1)
    assert ledger.why == "1 needed more of 'account' than was healthy"
    died = died_with(ledger)
    assert len(ledger.of("holds")) == 6
    assert died not in held_afterwards(ledger)
    assert f"'account' '{died}' was kept from tests since gw" in ledger.output
    assert f"pytest_markersteal_check_resource {CHECKS[check]}" in ledger.output


def test_a_key_that_exists_once_is_checked_too(lab):
    """Of an unhealthy one no other test is run."""
    lab.conftest("def pytest_markersteal_check_resource(key): return False")
    lab.module(
        """
@pytest.mark.shared_resource("db")
def test_dies():
    die()

@pytest.mark.shared_resource("db")
@pytest.mark.parametrize("n", range(3))
def test_after(n):
    pass
"""
    )
    ledger = lab.run()
    check_all_told(ledger, not_run=3)
    assert ledger.why == "3 needed more of 'db' than was healthy"
    assert "'db' was kept from tests since" in ledger.output
