"""Fixtures of session scope, on workers that park between phases and while they wait."""

from __future__ import annotations

SUITE = """
@pytest.fixture(scope="session", autouse=True)
def expensive():
    note(event="session-setup", worker=os.environ["PYTEST_XDIST_WORKER"])
    yield
    {end}

@pytest.mark.no_parallel
def test_alone():
    pass

@pytest.mark.parametrize("n", range(8))
def test_plain(n):
    time.sleep(0.005)
"""


def test_session_fixtures_are_set_up_once_in_each_worker(lab):
    """Waiting between phases or for a key doesn't rebuild the session's fixtures."""
    lab.module(SUITE.format(end="pass"))
    ledger = lab.run().check(status=0)
    workers = [e["worker"] for e in ledger.of("session-setup")]
    assert len(workers) == len(set(workers)), f"set up on {workers}"


def test_failing_teardown_of_a_session_fixture_is_told(lab):
    """An error in the last teardown of all, when the worker may be parked, fails the run."""
    lab.module(SUITE.format(end='raise RuntimeError("bad teardown")'))
    ledger = lab.run()
    assert ledger.status == 1, ledger.output
    assert "RuntimeError: bad teardown" in ledger.output
    # Each worker's last test passed and is then told of once more, with the error.
    assert not [
        loss for loss in ledger.losses() if not loss.endswith("ended 1 times, told 2 times")
    ]


def test_warnings_of_the_last_teardown_are_told(lab):
    """As if the worker had known that it runs its last test."""
    lab.module(SUITE.format(end='import warnings; warnings.warn("left open")'))
    ledger = lab.run().check(status=0)
    assert "UserWarning: left open" in ledger.output
    workers = {e["worker"] for e in ledger.of("session-setup")}
    assert f"{len(workers)} warning" in ledger.output.splitlines()[-1]


def test_warnings_of_the_last_teardown_can_be_errors(lab):
    """Those of a destructor too, and they fail the run."""
    lab.module(
        """
class Open:
    def __del__(self):
        raise RuntimeError("left open")
"""
        + SUITE.format(end="one = Open(); del one")
    )
    ledger = lab.run("-Werror")
    assert ledger.status == 1, ledger.output
    assert "RuntimeError: left open" in ledger.output


def test_what_the_last_teardown_said_is_shown(lab):
    """What it printed and logged stands with its error, which explains what it asserts."""
    end = 'import logging; print("it printed"); logging.warning("it logged"); assert [1] == [2]'
    lab.module(SUITE.format(end=end))
    output = lab.run().output
    for title, said in {"stdout": "it printed", "log": "it logged"}.items():
        assert said in output.partition(f" Captured {title} teardown ")[2], output
    assert "At index 0 diff: 1 != 2" in output
