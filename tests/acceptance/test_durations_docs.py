"""The commands in docs/durations.md print what the page says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import pytest
from doc_pages import blocks
from repository import Repository

from pytest_markersteal.cli.durations.driver import program
from pytest_markersteal.core.suite import Claim, Demand
from pytest_markersteal.durations.buckets import bucket_of
from pytest_markersteal.durations.history import (
    Buckets,
    Fixture,
    Function,
    History,
    Selection,
    Startup,
    Times,
)
from pytest_markersteal.recording.drift import Drift, keep

PAGE = "docs/durations.md"
PROGRAM = "/home/me/shop/.venv/bin/markersteal"
ROOT = "/home/me/shop"
CHECKOUT = "tests/test_checkout.py"
TODAY = date.today().isoformat()
"""When the page's file was written: on a fixed day, it would be an old one some time."""


def function(seconds: float, tests: int = 1, mark: Demand | None = None, **own: float) -> Function:
    return Function(
        Buckets.of(Times(0.0, seconds, 0.0, seconds)),
        tests,
        {f"[{name}]": bucket_of(own_s) for name, own_s in own.items()},
        {} if mark is None else {"": mark},
    )


def committed() -> History:
    """What the shop of the page has in its repository."""
    return History(
        {
            f"{CHECKOUT}::test_pay": function(0.6, 6, Demand((Claim("db"),)), transfer=4.1),
            f"{CHECKOUT}::TestCart::test_add": function(0.05, 14),
            "tests/test_report.py::test_monthly": function(12.0, 1, Demand(exclusive=True)),
            "tests/test_search.py::test_typo": function(0.21, 40),
            "tests/test_fax.py::test_send": function(2.2, 9),
        },
        {Fixture("module", CHECKOUT, "database"): bucket_of(2.4)},
        {Selection("", ""): Startup(0.03, 0.4, 0.9, 0.0002, 0.2)},
        "linux-3.12",
        "2026-10-30",
    )


def learned() -> History:
    """The same after a run: one test is much faster, and one is new."""
    before = committed()
    functions = {
        **before.functions,
        "tests/test_report.py::test_monthly": function(3.1, 1, Demand(exclusive=True)),
        "tests/test_search.py::test_synonyms": function(1.4, 3),
    }
    return History(functions, before.fixtures, before.startups, before.platform, TODAY)


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """A clone of the shop after that run; fax is no longer sold."""
    repository = Repository(tmp_path / "shop")
    (repository.path / "tests").mkdir()
    for name in ("checkout", "report", "search"):
        (repository.path / "tests" / f"test_{name}.py").touch()
    repository.write(committed())
    repository.commit("shop")
    repository.write(learned())
    keep(repository.path, Drift(63, 3, 1.1, 41.8, 36.4), TODAY)
    (repository.path / "junit.xml").write_text(
        '<testsuites><testsuite><testcase classname="tests.test_search" name="test_rank[de]" '
        'time="0.8"/><testcase classname="tests.test_search" name="test_rank[fr]" time="0.9">'
        '<failure/></testcase><testcase classname="tests.test_shelf.TestRow" name="test_row" '
        'time="0.1"/></testsuite></testsuites>'
    )
    for job in ("1", "2"):
        folder = repository.path / f"job-{job}"
        folder.mkdir()
        (folder / "durations.msgpack").write_bytes(
            (repository.path / ".markersteal" / "durations.msgpack").read_bytes()
        )
    return repository


def examples() -> list[tuple[str, str]]:
    """Commands of the page that are followed by what they print."""
    found = blocks(PAGE, "console")
    steps = [step for block in found for step in re.split(r"^\$ ", block, flags=re.MULTILINE)]
    return [
        (command, printed)
        for command, _, printed in (step.partition("\n") for step in steps if step)
        if command.startswith("markersteal durations") and ">" not in command
    ]


def printed_by(shop: Repository, command: str) -> str:
    """What a command prints, as it would in the shop of the page."""
    arguments = [
        argument
        for word in shlex.split(command)[2:]
        for argument in (
            [path.relative_to(shop.path).as_posix() for path in sorted(shop.path.glob(word))]
            if "*" in word
            else [word]
        )
    ]
    module = (sys.executable, "-m", "pytest_markersteal.cli", "durations")
    done = subprocess.run(
        [*module, *arguments],
        cwd=shop.path,
        env=shop.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    text = done.stdout + done.stderr
    text = text.replace(program(), PROGRAM).replace(str(shop.path), ROOT)
    text = text.replace(TODAY, "2026-11-22")
    return re.sub(r"\b[\d,]+ days? ago", "23 days ago", text)


@pytest.mark.runs_examples("docs/durations.md", "console")
def test_each_command_prints_what_the_page_says(shop: Repository) -> None:
    """In the order of the page, in one clone; but for paths, and how long ago something was."""
    found = examples()
    assert len(found) >= 8
    for command, printed in found:
        assert printed_by(shop, command) == printed, command


GH = """#!/bin/sh
echo "$@" >> "$HOME/calls"
"""


def recipe(job: str) -> str:
    """The shell lines of a recipe that come after the tests ran."""
    github, gitlab = blocks(PAGE, "yaml")
    if job == "github":
        return textwrap.dedent(github.partition("        run: |\n")[2])
    lines = gitlab.partition("  script:\n")[2]
    steps = re.split(r"^    - ", lines, flags=re.MULTILINE)[1:]
    own = [" ".join(step.removeprefix(">-").split()) for step in steps if "pip " not in step]
    return "\n".join(["set -e", *(step for step in own if "pytest" not in step)])


@pytest.mark.runs_examples("docs/durations.md", "yaml")
@pytest.mark.parametrize("job", ["github", "gitlab"])
def test_a_recipe_offers_a_new_file_and_nothing_else(
    shop: Repository, tmp_path: Path, job: str
) -> None:
    """Against a remote repository: once for a change, not again without one."""
    remote = tmp_path / "remote.git"
    shop.git("init", "--quiet", "--bare", str(remote))
    shop.git("--git-dir", str(remote), "config", "receive.advertisePushOptions", "true")
    shop.git("remote", "add", "origin", str(remote))
    place = "https://durations:$DURATIONS_TOKEN@$CI_SERVER_HOST/$CI_PROJECT_PATH.git"
    script = recipe(job).replace(f'"{place}"', "origin")
    assert "git push --force" in script
    assert "https:" not in script
    (shop.home / "gh").write_text(GH)
    (shop.home / "gh").chmod(0o755)
    shop.environment["PATH"] += f"{os.pathsep}{shop.home}"
    shop.environment.update(CI_DEFAULT_BRANCH="main", CI_SERVER_HOST="gitlab.example.org")
    (shop.path / "left behind by a test").touch()
    shop.run("sh", "-e", "-c", script)
    changed = shop.git("diff", "--name-only", "main", "origin/durations").split()
    assert changed == [".markersteal/durations.msgpack"]
    calls = shop.home / "calls"
    assert not calls.exists() or "pr create --head durations" in calls.read_text()
    assert calls.exists() == (job == "github")
    shop.git("checkout", "--quiet", "main")
    shop.git("push", "--quiet", "origin", "--delete", "durations")
    shop.run("sh", "-e", "-c", script)
    assert "durations" not in shop.git("ls-remote", "origin")
