"""Workers that die before or after the tests: at import, in collection, at the session's end."""

from __future__ import annotations

import pytest

ORDINARY = """
@pytest.mark.parametrize("n", range(8))
def test_plain(n):
    pass
"""

IN_WORKER = '"PYTEST_XDIST_WORKER" in os.environ and first("died")'
DEATHS = {
    "conftest import": f"""
if {IN_WORKER}:
    die()
""",
    "collection": f"""
def pytest_collectstart():
    if {IN_WORKER}:
        die("kill")
""",
    "collection just told": f"""
@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    if {IN_WORKER}:
        die()
""",
    "session end": f"""
@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish():
    if {IN_WORKER}:
        die("kill")
""",
}


@pytest.mark.parametrize("place", DEATHS)
def test_death_outside_tests_costs_nothing(lab, place):
    """A worker that dies once outside of any test is replaced, and every test passes."""
    lab.conftest(DEATHS[place])
    lab.module(ORDINARY)
    ledger = lab.run().check(status=0)
    assert len(ledger.passed) == 8
    assert {e["slot"] for e in ledger.of("up")} == {"0", "1"}


def test_session_fixture_that_dies_in_teardown(lab):
    """A death in a session fixture's teardown blames a test only if that test had not ended."""
    lab.module(
        """
@pytest.fixture(scope="session", autouse=True)
def bad():
    yield
    if first("died"):
        die()
"""
        + ORDINARY
    )
    ledger = lab.run()
    assert len(ledger.crashed) <= 1
    ledger.check(status=1 if ledger.crashed else 0, crashed=ledger.names(ledger.crashed))


@pytest.mark.parametrize("restarts", [0, 1])
@pytest.mark.parametrize("place", ["conftest import", "collection", "collection just told"])
def test_nothing_can_start(lab, place, restarts):
    """When no worker gets as far as a test, the run ends, tells why, and is no success."""
    lab.conftest(DEATHS[place].replace('first("died")', "True"))
    lab.module(ORDINARY)
    ledger = lab.run(f"--max-worker-restart={restarts}")
    assert not ledger.started
    assert not ledger.crashed
    assert "INTERNALERROR" not in ledger.output
    assert ledger.status != 0, ledger.output
    assert ledger.not_run == len(ledger.collected)


def test_death_in_collection_without_restarts(lab):
    """Without restarts, a death in collection ends in a complete run or in no success."""
    lab.conftest(DEATHS["collection"])
    lab.module(ORDINARY)
    ledger = lab.run("--max-worker-restart=0", workers=3)
    assert ledger.status != 0 or len(ledger.passed) == 8, ledger.output
    assert "INTERNALERROR" not in ledger.output


@pytest.mark.parametrize("leaver", ["gw0", "gw1", "both"])
def test_leaving_in_order_while_collecting(lab, leaver):
    """A worker that refuses to collect ends nothing but itself; if all do, the run ends."""
    leaves = "True" if leaver == "both" else f'worker == "{leaver}"'
    lab.conftest(
        f"""
def pytest_collection_modifyitems(config):
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and {leaves}:
        pytest.exit("not here", returncode=3)
"""
    )
    lab.module("def test_plain(): pass")
    ledger = lab.run(workers=2)
    if leaver == "both":
        assert ledger.status != 0, ledger.output
    else:
        assert len(ledger.ended) == 1, ledger.output
