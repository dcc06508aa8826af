"""What watching does not look at."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

from pytest_markersteal.races.watch.noise import Noise

ROOT = Path(tempfile.gettempdir(), "pytest-of-user", "pytest-3", "project")
"""A project that is itself below a temporary folder of pytest's, as those of pytester are."""


@pytest.fixture
def noise():
    return Noise(ROOT, ROOT.parent / "popen-gw1", "gw1")


@pytest.mark.parametrize("name", ["data/state.json", "out.txt", "logs/app.log", "pkg/module.py"])
def test_a_file_of_the_project_is_named_from_the_rootdir(noise, name):
    """Written by a test, whatever it is."""
    assert noise.named(str(ROOT / name), writes=True) == name


@pytest.mark.parametrize(
    "path",
    [
        "pkg/__pycache__/module.pyc",
        "pkg/__pycache__/module.pyc.140234",
        ".pytest_cache/v/lastfailed",
        ".coverage",
        ".coverage.host.1234",
        ".hypothesis/examples/1",
        ".markersteal/runs/one.trace",
        ".tox/py/lib/x",
        "venv/lib/site-packages/lib/data.json",
        "data/shop_gw1.db",
    ],
)
def test_what_tools_write_is_noise(noise, path):
    """Like caches, coverage, and what has the worker's own name in it."""
    assert noise.named(str(ROOT / path), writes=True) is None


@pytest.mark.parametrize("path", ["data/shop_gw10.db", "data/shop_gw0.db", "agw1b.txt"])
def test_another_worker_s_name_is_no_noise(noise, path):
    """Nor is a name that only has the worker's in it."""
    assert noise.named(str(ROOT / path), writes=True) == path


def test_code_is_noise_where_it_is_read(noise):
    """Imports and tracebacks read it all the time."""
    assert noise.named(str(ROOT / "pkg" / "module.py"), writes=False) is None
    assert noise.named(str(ROOT / "pkg" / "rates.csv"), writes=False) == "pkg/rates.csv"


def test_the_rootdir_and_the_temporary_folder_are_noise(noise):
    """Who lists them must expect anything there."""
    for folder in (ROOT, tempfile.gettempdir()):
        assert noise.named(str(folder), writes=False) is None


def test_what_is_far_away_counts_where_it_is_written(noise):
    """Another test may find it there; what is only read there is the system's."""
    path = "/var/lib/shop/state" if sys.platform != "win32" else "C:\\shop\\state"
    assert noise.named(path, writes=True) is not None
    assert noise.named(path, writes=False) is None
    assert noise.named(f"{sys.prefix}/lib/x", writes=True) is None


def test_the_worker_s_own_temporary_files_are_noise(noise):
    """Those of the run, which all workers share, are not."""
    basetemp = ROOT.parent / "popen-gw1"
    assert noise.named(str(basetemp / "test_it0" / "file"), writes=True) is None
    assert noise.named(str(ROOT.parent / "data.json"), writes=True) is not None


def test_the_folder_of_temporary_files_is_noise_itself(tmp_path):
    """Pytest empties the one that it is given, by a link too, for the first that asks for it."""
    link = tmp_path / "link"
    try:
        link.symlink_to(tmp_path, target_is_directory=True)
    except OSError:
        pytest.skip("links can't be made here")
    noise = Noise(ROOT, link / "given")
    for base in (link, tmp_path):
        assert noise.named(str(base / "given"), writes=True) is None
        assert noise.named(str(base / "given" / "test_it0"), writes=True) is None
        assert noise.named(str(base / "given-not"), writes=True) is not None


def test_without_workers_pytest_s_temporary_files_are_noise():
    """All of them are of the one process."""
    noise = Noise(Path(__file__).parent)
    folder = Path(tempfile.gettempdir(), "pytest-of-user")
    assert noise.named(str(folder / "pytest-12" / "test_it0" / "file"), writes=True) is None
    assert noise.named(str(folder), writes=False) is None


def test_a_folder_with_a_random_name_is_its_maker_s(noise):
    """With all that is in it, and nothing that only begins with its name."""
    made = str(ROOT / "tmpabc123")
    assert noise.named(f"{made}/file", writes=True) == "tmpabc123/file"
    noise.claim(made)
    assert noise.named(f"{made}/deep/file", writes=True) is None
    assert noise.named(f"{made}-not/file", writes=True) == "tmpabc123-not/file"
