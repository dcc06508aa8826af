"""Files that xdist sends to where its workers run."""

from __future__ import annotations

import pytest
from doc_pages import blocks

CONFTEST = """
import os
from pathlib import Path

worker = os.environ.get("PYTEST_XDIST_WORKER")
if worker:
    Path(__file__).with_name(f"made-by-{worker}").touch()


def pytest_xdist_newgateway(gateway):
    if gateway.id == "gw1":  # It starts slowly: until then the first worker has begun.
        import time

        made = Path("sent", "suite", "made-by-gw0")
        until_s = time.monotonic() + 60
        while not made.exists() and time.monotonic() < until_s:
            time.sleep(0.01)


def pytest_xdist_rsyncstart(source):
    print(f"sent: {source.name}")
"""

TEST = """
from pathlib import Path

def test_made():
    assert Path(__file__).with_name("made-by-gw0").exists()
"""


@pytest.mark.parametrize("dist", ["markersteal", "load"])
def test_files_are_sent_once_for_all_workers_of_a_spec(dist, pytester, run_pytest):
    """Sent again, they would take with them what the workers before made there."""
    suite = pytester.mkdir("suite")
    suite.joinpath("conftest.py").write_text(CONFTEST)
    suite.joinpath("test_made.py").write_text(TEST)
    suite.joinpath("pytest.ini").write_text("[pytest]\n")
    sent = ("--rsyncdir", str(suite), "--tx=2*popen//chdir=sent", "-s", str(suite))
    result = run_pytest(f"--dist={dist}", *sent)
    result.assert_outcomes(passed=1)
    assert result.stdout.str().count("sent: suite") == 1


@pytest.mark.runs_examples("docs/remote.md", "ini")
def test_a_suite_whose_warnings_are_errors_is_sent_with_the_ini_file_of_the_page(
    pytester, run_pytest
):
    """And not without its last line."""
    (ini,) = blocks("docs/remote.md", "ini")
    suite = pytester.mkdir("suite")
    suite.joinpath("test_it.py").write_text("def test_it(): pass")
    sent = ("--rsyncdir", str(suite), "--tx=2*popen//chdir=sent", str(suite))
    *strict, _ = ini.splitlines(keepends=True)
    suite.joinpath("pytest.ini").write_text("".join(strict))
    refused = run_pytest("--dist=markersteal", *sent)
    assert "--rsyncdir command line" in refused.stdout.str() + refused.stderr.str()
    suite.joinpath("pytest.ini").write_text(ini)
    run_pytest("--dist=markersteal", *sent).assert_outcomes(passed=1)
