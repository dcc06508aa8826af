"""Commands in the documentation that stand by themselves, run as they stand."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from doc_pages import ROOT, blocks

SUITE = """
import time, pytest

@pytest.mark.parametrize("n", range(20))
def test_it(n): time.sleep(0.01)
"""
CI = {"$CI_NODE_INDEX": "2", "$CI_NODE_TOTAL": "5", "${{ matrix.shard }}": "2"}
"""What continuous integration puts in place of its variables."""


def masked(line: str) -> str:
    """Without numbers."""
    return re.sub(r"\d[\d,.:T-]*", "0", line)


def run(pytester: pytest.Pytester, line: str) -> list[str]:
    """What a command line of a shell prints, which must end well; with the programs of this one."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        line.removeprefix("$ "),
        shell=True,
        cwd=pytester.path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A suite in a folder of its own, for commands that find little in their environment."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist.plugin,pytest_markersteal.plugin")
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "2")
    pytester.makepyfile(test_shop=SUITE)
    pytester.makeini("[pytest]")
    return pytester


@pytest.mark.runs_examples("README.md", "console", "text")
@pytest.mark.runs_examples("docs/index.md", "console")
def test_the_first_commands_record_durations_to_be_committed(suite):
    """And a run with them ends with the lines that the README shows, but for what limits it."""
    (first,) = blocks("docs/index.md", "console")
    readme = blocks("README.md", "console")
    assert first in readme
    _, tests = first.splitlines()
    run(suite, "git init --quiet")
    run(suite, "git config user.email ann@example.org")
    run(suite, "git config user.name Ann")
    run(suite, tests)
    (commit,) = (block for block in readme if "git commit" in block)
    for line in commit.splitlines():
        run(suite, line)
    assert run(suite, "git ls-files") == [".markersteal/durations.msgpack"]
    printed = [masked(line) for line in run(suite, tests)]
    (summary,) = blocks("README.md", "text")
    for line in summary.splitlines():
        wanted, _, _ = masked(line).partition(" the work itself")
        assert any(shown.startswith(wanted) for shown in printed), line


def test_the_demo_shows_what_durations_change(suite):
    """It ends with a table of both runs, of a suite that it brings."""
    printed = run(suite, f'"{sys.executable}" "{ROOT / "examples" / "demo.py"}"')
    table = printed[printed.index("=== what changed") :]
    assert [line.split()[0] for line in table[2:4]] == ["cold", "warm"]


@pytest.mark.runs_examples("docs/shards.md", "console", "text")
def test_a_run_of_a_shard_says_what_the_page_says(suite):
    """Once durations are known."""
    (command,) = blocks("docs/shards.md", "console")
    shown, _ = blocks("docs/shards.md", "text")
    run(suite, "pytest -n 2 --dist markersteal --markersteal-record=always")
    printed = [re.sub(r"split \w+", "split", line) for line in run(suite, command)]
    assert masked(re.sub(r"split \w+", "split", shown.strip())) in map(masked, printed)


@pytest.mark.runs_examples("docs/explain.md", "console", "text")
def test_an_explanation_has_the_parts_that_the_page_shows(suite):
    """Of the lines that every run has; the others depend on it."""
    (command,) = blocks("docs/explain.md", "console")
    _, shown = blocks("docs/explain.md", "text")
    printed = {masked(line) for line in run(suite, command)}
    parts = [masked(line) for line in shown.splitlines() if line and not line.startswith(" ")]
    assert len(parts) == 5
    always = [part for part in parts if not part.startswith("what would help")]
    for part in always:
        assert part in printed, part


@pytest.mark.runs_examples("docs/traces.md", "console")
def test_the_command_of_the_page_on_traces_leaves_one(suite):
    """Where the page says."""
    (command,) = blocks("docs/traces.md", "console")
    run(suite, command)
    (trace,) = suite.path.joinpath(".markersteal", "runs").glob("*.trace")
    assert trace.stat().st_size


@pytest.mark.runs_examples("docs/verify.md", "ini")
def test_the_ini_file_of_the_page_on_verify_has_runs_remember_neighbours(suite):
    """In the file that the page names."""
    (ini,) = blocks("docs/verify.md", "ini")
    suite.makeini(ini)
    suite.makepyfile(test_other=SUITE)
    run(suite, "pytest --strict-config -n 2 --dist markersteal")
    assert list(suite.path.joinpath(".markersteal", "neighbours").glob("*.msgpack"))


@pytest.mark.skipif(os.name == "nt", reason="a shell redirects the output")
@pytest.mark.runs_examples("docs/durations.md", "console")
def test_durations_are_exported_for_pytest_split_as_the_page_says(suite):
    """With each test under its name."""
    run(suite, "pytest -n 2 --dist markersteal")
    for line in blocks("docs/durations.md", "console")[-1].splitlines():
        run(suite, line)
    exported = json.loads(suite.path.joinpath(".test_durations").read_text())
    assert set(exported) == {f"test_shop.py::test_it[{n}]" for n in range(20)}


def commands_in(content: Any) -> Iterator[str]:
    """The commands that run pytest, in what a YAML file of continuous integration says."""
    if isinstance(content, str):
        yield from (line for line in content.splitlines() if line.startswith("pytest "))
    elif isinstance(content, dict | list):
        for part in content.values() if isinstance(content, dict) else content:
            yield from commands_in(part)


@pytest.mark.runs_examples("docs/replay.md", "yaml")
@pytest.mark.runs_examples("docs/shards.md", "yaml")
def test_continuous_integration_runs_commands_that_are_there(suite):
    """The files are YAML, and pytest takes their command lines."""
    for block in [*blocks("docs/replay.md", "yaml"), *blocks("docs/shards.md", "yaml")]:
        (command,) = commands_in(yaml.safe_load(block))
        for variable, value in CI.items():
            command = command.replace(variable, value)
        collected = run(suite, f"{command} --collect-only -q")
        assert any(line.startswith("test_shop.py::test_it") for line in collected)
