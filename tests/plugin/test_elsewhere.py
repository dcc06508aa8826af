"""Nothing in the package takes for granted that the system is POSIX; see ``elsewhere``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HIDING = Path(__file__).with_name("elsewhere.py")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="here it is as it is elsewhere")

IMPORTING = """
import importlib, pkgutil, sys

def modules():
    import pytest_markersteal
    found = pkgutil.walk_packages(pytest_markersteal.__path__, "pytest_markersteal.")
    return ["pytest_markersteal", *(module.name for module in found)]

names = [name for name in modules() if not name.endswith("__main__")]
# First as they are here: other libraries choose their system when they are imported.
for name in names:
    importlib.import_module(name)
for name in names:
    del sys.modules[name]
import elsewhere
for name in names:
    importlib.import_module(name)
print(len(names))
"""

SUITE = """
import os
import sys

import pytest


@pytest.mark.parametrize("number", range(6))
def test_ordinary(number):
    assert sys.platform == "win32"


@pytest.mark.serial
def test_serial():
    pass


@pytest.mark.no_parallel
def test_alone():
    pass


@pytest.mark.shared_resource("db")
@pytest.mark.parametrize("number", range(2))
def test_keyed(number):
    pass


@pytest.mark.parametrize("number", range(2))
def test_port(number, free_port):
    assert free_port


@pytest.mark.parametrize("number", range(2))
def test_database(number, worker_database):
    assert worker_database.url


def test_death():
    os._exit(1)
"""


def test_every_module_can_be_imported(tmp_path):
    """Also where what is POSIX only is not there."""
    shutil.copy(HIDING, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", IMPORTING],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    assert int(done.stdout) > 300


def test_a_suite_runs(pytester, run_markersteal, monkeypatch):
    """With marks, ports, databases, and a worker that dies; recorded, and watched."""
    shutil.copy(HIDING, pytester.path)
    monkeypatch.setenv("PYTHONPATH", str(pytester.path))
    monkeypatch.setenv("DATABASE_URL", "sqlite:///shop.db")
    pytester.makeini("[pytest]\nmarkersteal_databases = DATABASE_URL\n")
    pytester.makepyfile(SUITE)
    # A new folder: pytest would remove another one by a name that only Windows knows.
    result = run_markersteal("-p", "elsewhere", "--basetemp=temporary", "--markersteal-watch")
    result.assert_outcomes(passed=14, failed=1)
    result.stdout.no_fnmatch_line("leak:*")
    assert (pytester.path / ".markersteal" / "durations.msgpack").exists()
    (trace,) = (pytester.path / ".markersteal" / "runs").glob("*.trace")
    assert trace.stat().st_size
