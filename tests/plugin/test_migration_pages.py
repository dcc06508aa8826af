"""The pages in docs/migrate: their suites as they stand, before and after."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from following import Command, Write, run, steps, write

SPLIT = {"PYTEST_PLUGINS": "xdist.plugin,pytest_markersteal.plugin,pytest_split.plugin"}
LISTED = {"PYTEST_ADDOPTS": "-rpfE"}
"""Every test that ran is a line of the output."""
OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR) (\S+)", re.MULTILINE)

SEQUENTIAL = """
import pytest

@pytest.mark.sequential
def test_marked(): pass

def test_unmarked(): pass
"""

Follow = Callable[..., list[tuple[Command, dict[str, str]]]]


@pytest.fixture
def follow(tmp_path: Path) -> Follow:
    """Write the files of a page and run its commands; each with the outcome of every test.

    Commands run in the folder of the file that was shown last.
    """

    def follow(page: str, environment: Mapping[str, str] | None = None):
        ran = []
        folder = tmp_path
        for step in steps(f"docs/migrate/{page}"):
            if isinstance(step, Write):
                write(step, tmp_path)
                folder = tmp_path / Path(step.name).parts[0]
                continue
            done = run(step, folder, **{**LISTED, **(environment or {})})
            assert done.returncode in (0, 1), done.stdout
            ran.append((step, {test: how for how, test in OUTCOME.findall(done.stdout)}))
        return [(step, outcomes) for step, outcomes in ran if step.line.startswith("pytest ")]

    return follow


def outcomes(ran: dict[str, str]) -> set[str]:
    return set(ran.values())


@pytest.mark.runs_examples("docs/migrate/two-passes.md", "console", "ini", "python")
def test_one_run_does_what_two_passes_did(follow, tmp_path):
    """Each test passes once, with the marks as they were, and with keys."""
    (_, plain), (_, serial), (_, same), (_, keys) = follow("two-passes.md")
    assert not plain.keys() & serial.keys()
    assert {**plain, **serial} == same == keys
    assert len(same) == 52
    assert outcomes(same) == {"PASSED"}

    # The last file of the page gives a mark of another name its meaning.
    (tmp_path / "before" / "test_other.py").write_text(SEQUENTIAL)
    listed = Command("pytest -q --collect-only -m serial test_other.py", "")
    assert "1/2 tests collected" in run(listed, tmp_path / "before").stdout


@pytest.mark.runs_examples("docs/migrate/loadgroup.md", "console", "python")
def test_groups_and_keys_keep_apart_what_loadgroup_should(follow):
    """With loadgroup, whether they meet depends on the version of pytest."""
    (_, before), (_, groups), (_, keys) = follow("loadgroup.md")
    assert groups == keys
    assert len(before) == len(keys) == 43
    assert outcomes(keys) == {"PASSED"}


@pytest.mark.runs_examples("docs/migrate/filelock.md", "console", "python")
def test_a_key_does_what_a_lock_did(follow, tmp_path):
    """And a lock that makes a thing once for all workers stays."""
    (_, before), (_, after) = follow("filelock.md")
    assert before == after
    assert len(after) == 55
    assert outcomes(after) == {"PASSED"}

    folder = tmp_path / "after"
    listed = Command("pytest -q --collect-only -m shared_resource", "")
    assert "10/57 tests collected" in run(listed, folder).stdout
    done = run(Command("pytest -n 2 --dist markersteal test_catalogue.py", ""), folder)
    assert done.returncode == 0, done.stdout


@pytest.mark.runs_examples("docs/migrate/pytest-split.md", "console", "python")
def test_shards_have_what_the_parts_had(follow):
    """All tests once; and in how many jobs each module is, by chunks, least duration and shards."""
    (_, tests), *halves = follow("pytest-split.md", SPLIT)
    assert len(tests) == 38
    _, again = halves.pop(4)
    assert again == tests
    splits = [(one, other) for (_, one), (_, other) in zip(halves[::2], halves[1::2], strict=True)]
    for one, other in splits:
        assert not one.keys() & other.keys()
        assert {**one, **other} == tests

    def jobs(module: str) -> list[int]:
        return [sum(any(module in test for test in job) for job in split) for split in splits]

    assert jobs("test_payments") == [2, 2, 1]
    assert jobs("test_reports") == [1, 2, 1]
