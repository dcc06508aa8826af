"""Replacements that can't take the place of the worker that crashed."""

from __future__ import annotations

import pytest

# The first workers are up before the death; whoever comes after it is odd. Where there are two,
# the one that is left takes care not to be done before the replacement has told what it has.
SUITE = """
@pytest.fixture(autouse=True)
def patience():
    if (HERE / "odd").exists() and os.environ["PYTEST_XDIST_WORKER_COUNT"] == "2":
        wait_until(lambda: seen("collected") == 3)

@pytest.mark.parametrize("n", range(10))
def test_plain(n):
    time.sleep(0.005)

@pytest.mark.xdist_group("fatal")
def test_fatal():
    touch("odd")
    die()

@pytest.mark.xdist_group("fatal")
def test_after():
    pass
"""
COLLECTS_OTHERS = """
if (HERE / "odd").exists():
    def test_extra():
        pass
"""
CANT_COLLECT = """
if (HERE / "odd").exists():
    raise RuntimeError("can't be collected any more")
"""


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("oddity", [COLLECTS_OTHERS, CANT_COLLECT], ids=["others", "error"])
def test_replacement_that_does_not_fit(lab, oddity, workers):
    """A replacement with other tests is told of and sent away; those who fit do what they can."""
    lab.module(SUITE + oddity)
    ledger = lab.run("--max-worker-restart=3", workers=workers)
    assert ledger.names(ledger.crashed) == ["test_fatal"]
    assert "INTERNALERROR" not in ledger.output, ledger.output
    assert ledger.status in (1, 2)
    assert "collected different tests" in ledger.output or "can't be collected" in ledger.output
    assert ledger.not_run == 12 - len(set(ledger.started))
    assert "test_extra" not in "".join(ledger.started)
    assert workers == 1 or ledger.status == 2 or len(ledger.passed) == 11
