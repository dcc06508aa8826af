"""Text that is no UTF-8, as in names of files: pytest-dev/pytest-xdist#843."""

from __future__ import annotations

SUITE = r"""
import logging, warnings
import pytest

ODD = b"f\xf6\xf6".decode("utf-8", errors="surrogateescape")


def test_logs_it():
    logging.getLogger().warning(ODD)
    pytest.fail("after the log")


def test_compares_it():
    assert ODD == "x"


def test_prints_it():
    print(ODD)


def test_warns_of_it():
    warnings.warn(ODD)


def test_records_it(record_property):
    record_property(ODD, (ODD, [ODD]))


@pytest.mark.skip(reason=ODD)
def test_skips_for_it():
    pass
"""


def test_a_worker_tells_of_it(pytester, run_markersteal, monkeypatch):
    """It survives that, and each test has the outcome that it has without workers."""
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8:backslashreplace")  # As pytester reads UTF-8.
    pytester.makepyfile(SUITE)

    result = run_markersteal("-Wdefault", n=2)

    result.assert_outcomes(passed=3, failed=2, skipped=1, warnings=1)
    assert "assert 'f\\udcf6\\udcf6' == 'x'" in result.stdout.str()
