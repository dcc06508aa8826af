"""What is built and uploaded, and what it does where nothing else is installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

import pytest_markersteal

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "pytest_markersteal"
LIMIT_S = 300
"""After this, a program counts as hung: ten times what the slowest takes."""
OWN_VARIABLES = ("PYTEST_", "COVERAGE_", "MARKERSTEAL_")

PYTHON = r"Programming Language :: Python :: (3\.\d+)"

pytestmark = pytest.mark.xdist_group("package")  # So that it is built once.


def run(*command: object, cwd: Path = ROOT) -> str:
    """What ``command`` prints; it must pass, and knows nothing of the run that this is in."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(OWN_VARIABLES)}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=False,
    )
    assert not done.returncode, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a source distribution, and of the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(archive.read(name))


def pythons_of(metadata: Message) -> list[str]:
    """The versions of Python in the classifiers."""
    found = [re.fullmatch(PYTHON, text) for text in metadata.get_all("Classifier", [])]
    return [one[1] for one in found if one]


def test_the_wheel_has_the_package_and_nothing_else(wheel):
    """All modules, what says that they are typed, and what is beside them."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    about = {name for name in names if ".dist-info/" in name}
    there = {path for path in PACKAGE.rglob("*.*") if path.is_file() and path.suffix != ".pyc"}
    assert names - about == {path.relative_to(ROOT / "src").as_posix() for path in there}
    assert "pytest_markersteal/py.typed" in names
    assert {name.partition("/")[2] for name in about} == {
        *("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    }


def test_the_source_distribution_has_what_git_has(built):
    """So tests, docs and the demonstration can be run from it, and nothing private is in it."""
    (source,) = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    there = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    assert names == there | {"PKG-INFO"}


def test_the_metadata_is_complete(built, metadata):
    """An index takes it, shows the README, and lists it among pytest's plugins."""
    run(sys.executable, "-m", "twine", "check", "--strict", *built.iterdir())
    assert metadata["Name"] == "pytest-markersteal"
    assert metadata["Version"] == pytest_markersteal.__version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.10"
    assert metadata["Summary"]
    assert metadata["Keywords"]
    assert metadata["Author"]
    assert metadata["License-File"] == "LICENSE"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert {"Framework :: Pytest", "Typing :: Typed"} < set(metadata.get_all("Classifier"))
    assert set(metadata.get_all("Provides-Extra")) >= {"db", "propose", "report", "sync"}


def test_it_needs_four_packages(metadata):
    """Everything else is an extra."""
    needed = [text for text in metadata.get_all("Requires-Dist") if "extra ==" not in text]
    names = {re.match(r"[\w-]+", text)[0] for text in needed}
    assert names == {"execnet", "msgpack", "pytest", "pytest-xdist"}


def test_the_page_on_support_says_what_the_metadata_says(metadata):
    """Which Pythons are supported, and from which version on the packages that are needed."""
    table = (ROOT / "docs" / "support.md").read_text(encoding="utf-8").partition("\n## What may")[0]
    pythons = ", ".join(pythons_of(metadata))
    assert f"| CPython | {pythons} |" in table
    for text in metadata.get_all("Requires-Dist"):
        if "extra ==" not in text:
            name, least = text.split(">=")
            assert f"| {name} | {least} and newer |" in table


def test_the_matrix_has_each_supported_python(metadata):
    """Each with the lowest and with the newest versions."""
    listed = run(sys.executable, "-m", "nox", "--list")
    for python in pythons_of(metadata):
        for versions in ("lowest", "newest"):
            assert f"matrix-{python}(versions='{versions}')" in listed


def test_the_demonstration_runs_with_the_wheel_alone(wheel, tmp_path):
    """In an empty environment, where only what the wheel asks for is installed beside it."""
    venv.create(tmp_path / "empty", with_pip=True)
    python = next((tmp_path / "empty").glob("[bS]*/python*"))
    try:
        run(python, "-m", "pip", "download", "--quiet", "--dest", tmp_path / "needed", wheel)
    except AssertionError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"what the wheel needs can't be fetched here: {str(error)[-200:]}")
    needed = ("--no-index", "--find-links", tmp_path / "needed")
    run(python, "-m", "pip", "install", "--quiet", *needed, wheel)

    installed = run(python, "-c", "import pytest_markersteal as p; print(p.__file__)", cwd=tmp_path)
    printed = run(python, ROOT / "examples" / "demo.py", cwd=tmp_path)

    assert (tmp_path / "empty") in Path(installed.strip()).parents
    assert "=== what changed" in printed
    version = run(python.with_name("markersteal"), "--version")
    assert version == f"pytest-markersteal {pytest_markersteal.__version__}\n"
