"""The durations file in real git repositories: merged, in conflict, and shown."""

from __future__ import annotations

import random
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest
from repository import Repository

from pytest_markersteal.cli.durations.driver import driver_works
from pytest_markersteal.cli.main import main
from pytest_markersteal.distribution.input import estimates_from
from pytest_markersteal.durations.format import encode
from pytest_markersteal.durations.history import Fixture, History, Times
from pytest_markersteal.durations.learning import Measured, learn
from pytest_markersteal.durations.merging import merge
from pytest_markersteal.durations.store import FILE
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.workloads import workload_of

WITHIN = 0.05
"""How far the makespan with one side's file may be from that with the other's, or the driver's."""
FIXTURES = {Fixture("module", f"tests/test_{number}.py", "db"): 0.4 for number in range(0, 30, 3)}


def suite(random: random.Random) -> dict[str, float]:
    """Seconds of 600 tests in 30 files, a few of them long."""
    return {
        f"tests/test_{number % 30}.py::test_{number // 30}": random.lognormvariate(-1.5, 1.2)
        for number in range(600)
    }


def edited(before: Mapping[str, float], name: str) -> dict[str, float]:
    """A branch's suite: 5 % of the tests are gone, 5 % changed, and 6 % are new."""
    chance = random.Random(name)
    after = dict(before)
    for node_id in chance.sample(sorted(before), 60):
        if chance.random() < 0.5:
            del after[node_id]
        else:
            after[node_id] *= chance.choice([0.2, 0.3, 3, 5])
    for number in range(36):
        file = f"tests/test_{chance.randrange(30)}.py" if number % 2 else f"tests/test_{name}.py"
        after[f"{file}::test_{name}_{number}"] = chance.lognormvariate(-1.5, 1.2)
    return after


def joined(
    base: Mapping[str, float], ours: Mapping[str, float], theirs: Mapping[str, float]
) -> dict[str, float]:
    """The suite that comes of merging the branches, as it really takes."""
    merged = {}
    for node_id in sorted({**ours, **theirs}):
        if node_id in base and not (node_id in ours and node_id in theirs):
            continue
        changed = ours.get(node_id) not in (None, base.get(node_id))
        merged[node_id] = ours[node_id] if changed else theirs[node_id]
    return merged


def history_of(seconds: Mapping[str, float], before: History | None = None) -> History:
    """What a full run of the suite on a noisy machine leaves."""
    noise = random.Random(len(seconds))
    tests = {
        node_id: Times(0.0, s * noise.lognormvariate(0, 0.1), 0.0, s)
        for node_id, s in seconds.items()
    }
    measured = Measured(tests, FIXTURES, platform="linux-3.12")
    learned = learn(before or History(), measured)
    gone = before.functions.keys() - tests.keys() if before else set()
    functions = {name: f for name, f in learned.functions.items() if name not in gone}
    return History(functions, learned.fixtures, {}, learned.platform, "2026-11-22")


def makespan_s(seconds: Mapping[str, float], planned_with: History) -> float:
    """How long the suite takes on four workers when it is planned with this history."""
    run = workload_of("merged", seconds, FIXTURES)
    estimates = estimates_from(run.ids, run.suite, planned_with)
    return LateBoundRun(run, 4, estimates, Costs()).run().makespan_s


class Branches:
    """A repository with two branches that went apart, ``main`` checked out."""

    def __init__(self, path: Path, driver: bool, seed: str = "") -> None:
        self.repository = Repository(path)
        self.base_s = suite(random.Random(seed))
        self.ours_s = edited(self.base_s, f"ours{seed}")
        self.theirs_s = edited(self.base_s, f"theirs{seed}")
        self.base = history_of(self.base_s)
        self.ours = history_of(self.ours_s, self.base)
        self.theirs = history_of(self.theirs_s, self.base)
        repository = self.repository
        repository.write(self.base)
        if driver:
            repository.markersteal("install-git")
        repository.commit("base")
        repository.git("checkout", "--quiet", "-b", "theirs")
        repository.write(self.theirs)
        repository.commit("theirs")
        repository.git("checkout", "--quiet", "main")
        repository.write(self.ours)
        repository.commit("ours")


def test_the_driver_merges_without_a_conflict(tmp_path: Path) -> None:
    """Both branches' tests are in the result, and what either dropped and nobody changed is not."""
    branches = Branches(tmp_path / "project", driver=True)
    branches.repository.git("merge", "--no-edit", "theirs")
    assert branches.repository.git("status", "--porcelain") == ""
    merged = branches.repository.read()
    assert merged == merge([branches.ours, branches.theirs], branches.base)
    present = joined(branches.base_s, branches.ours_s, branches.theirs_s).keys()
    assert merged.functions.keys() >= present
    for name in merged.functions.keys() - present:
        # What one side dropped stays if the other changed it, until a run does not find it.
        left = branches.ours.functions.get(name) or branches.theirs.functions[name]
        assert left != branches.base.functions[name]


def test_a_rebase_asks_nothing_either(tmp_path: Path) -> None:
    """There, git calls the sides the other way round; the result is the same."""
    branches = Branches(tmp_path / "project", driver=True)
    branches.repository.git("rebase", "--quiet", "theirs")
    assert branches.repository.read() == merge([branches.ours, branches.theirs], branches.base)


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_without_the_driver_either_side_is_fine(tmp_path: Path, seed: str) -> None:
    """There is a conflict, as in a merge on the web; which side is taken costs at most 5 %."""
    branches = Branches(tmp_path / "project", driver=False, seed=seed)
    repository = branches.repository
    assert "CONFLICT" in repository.git("merge", "theirs", ok=False)
    truth_s = joined(branches.base_s, branches.ours_s, branches.theirs_s)
    found_s = {
        "driver": makespan_s(truth_s, merge([branches.ours, branches.theirs], branches.base))
    }
    for side in ("ours", "theirs"):
        repository.git("checkout", f"--{side}", "--", FILE.as_posix())
        history = repository.read()
        assert history == getattr(branches, side)
        found_s[side] = makespan_s(truth_s, history)
    assert max(found_s.values()) <= (1 + WITHIN) * min(found_s.values()), found_s


def test_either_side_is_fine_whatever_the_branches_did() -> None:
    """Of 40 pairs of branches, without git: the figures in docs/durations.md."""
    spread = []
    for seed in range(40):
        base_s = suite(random.Random(str(seed)))
        ours_s, theirs_s = edited(base_s, f"ours{seed}"), edited(base_s, f"theirs{seed}")
        base = history_of(base_s)
        ours, theirs = history_of(ours_s, base), history_of(theirs_s, base)
        truth_s = joined(base_s, ours_s, theirs_s)
        found_s = [makespan_s(truth_s, h) for h in (ours, theirs, merge([ours, theirs], base))]
        spread.append(max(found_s) / min(found_s) - 1)
    assert sorted(spread)[len(spread) // 2] <= 0.01
    assert max(spread) <= WITHIN


def test_a_file_that_both_sides_added_is_merged(tmp_path: Path) -> None:
    """Git then gives an empty file for the common base."""
    repository = Repository(tmp_path / "project")
    repository.markersteal("install-git")
    repository.commit("base")
    repository.git("branch", "theirs")
    ours, theirs = history_of({"a.py::t": 1.0}), history_of({"b.py::t": 2.0})
    repository.write(ours)
    repository.commit("ours")
    repository.git("checkout", "--quiet", "theirs")
    repository.write(theirs)
    repository.commit("theirs")
    assert "left out" not in repository.git("merge", "--no-edit", "main")
    assert repository.read().functions.keys() == {"a.py::t", "b.py::t"}


def test_a_diff_is_text(tmp_path: Path) -> None:
    """Names and seconds; also of a file that is damaged, which must not break the whole diff."""
    repository = Repository(tmp_path / "project")
    repository.markersteal("install-git")
    repository.write(history_of({"a.py::t": 1.0, "a.py::u": 1.0}))
    repository.commit("base")
    repository.write(history_of({"a.py::t": 8.0, "a.py::u": 1.0}))
    lines = repository.git("diff").splitlines()
    changed = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert [line.split()[0] for line in changed] == ["-a.py::t", "+a.py::t"]
    (repository.path / FILE).write_bytes(b"\x00damaged")
    (repository.path / "other.txt").write_text("other")
    repository.git("add", "--intent-to-add", "other.txt")
    text = repository.git("diff")
    assert "+# durations that can't be read: it is no durations file" in text
    assert "+other" in text


def test_a_damaged_side_does_not_stop_a_merge(tmp_path: Path) -> None:
    """The readable side is the result, and it is told which was left out."""
    branches = Branches(tmp_path / "project", driver=True)
    repository = branches.repository
    (repository.path / FILE).write_bytes(b"\x00damaged")
    repository.commit("damaged")
    assert "our side is left out" in repository.git("merge", "--no-edit", "theirs")
    assert (repository.path / FILE).read_bytes() == encode(branches.theirs)


def test_a_driver_that_is_gone_is_a_conflict(tmp_path: Path) -> None:
    """As when the virtual environment was deleted: git says so, and either side can be taken."""
    branches = Branches(tmp_path / "project", driver=True)
    repository = branches.repository
    repository.git("config", "merge.markersteal.driver", "/nowhere/markersteal merge %O %A %B")
    repository.git("merge", "--no-edit", "theirs", ok=False)
    repository.git("checkout", "--theirs", "--", FILE.as_posix())
    assert repository.read() == branches.theirs
    assert "its program is gone" in repository.markersteal("doctor", ok=False)


@pytest.mark.parametrize("inside", ["", "a folder/b[c]"])
def test_installing_says_what_it_did_and_does_it_once(tmp_path: Path, inside: str) -> None:
    """Also where the rootdir is a folder of the repository; the second time it finds all there."""
    repository = Repository(tmp_path / "pro ject %A")
    root = repository.path / inside
    root.mkdir(parents=True, exist_ok=True)
    (root / ".gitattributes").write_text("*.txt text")
    repository.path = root
    first = repository.markersteal("install-git").splitlines()
    assert first[0].startswith("added to .gitattributes, for you to commit: /.markersteal/")
    assert [line.split(" = ")[0] for line in first[1:-1]] == [
        "set in this clone: merge.markersteal.name",
        "set in this clone: merge.markersteal.driver",
        "set in this clone: diff.markersteal.textconv",
        "set in this clone: diff.markersteal.cachetextconv",
    ]
    assert "once in each clone" in first[-1]
    second = repository.markersteal("install-git").splitlines()
    assert all(line.startswith("found in ") for line in second[:-1])
    content = (root / ".gitattributes").read_text().splitlines()
    assert content == [
        "*.txt text",
        "/.markersteal/durations.msgpack merge=markersteal diff=markersteal -text",
    ]
    attributes = repository.git("check-attr", "-a", FILE.as_posix())
    assert "merge: markersteal" in attributes


@pytest.mark.parametrize("script", [True, False])
def test_the_driver_is_found_wherever_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: bool
) -> None:
    """In a folder whose name shells and git would read otherwise, or where there is no script."""
    scripts = tmp_path / "it's $HOME 100%A"
    scripts.mkdir()
    if script:
        (scripts / "markersteal").write_text(
            f'#!/bin/sh\nexec "{sys.executable}" -m pytest_markersteal.cli "$@"\n'
        )
        (scripts / "markersteal").chmod(0o755)
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(scripts))
    branches = Branches(tmp_path / "project", driver=False)
    repository = branches.repository
    monkeypatch.chdir(repository.path)
    assert main(["durations", "install-git"]) == 0
    assert driver_works(repository.path)
    repository.commit("driver")
    assert "left out" not in repository.git("merge", "--no-edit", "theirs")
    assert repository.read() == merge([branches.ours, branches.theirs], branches.base)
    assert "+tests/test_theirs" in repository.git("show", "--first-parent", "-m", "HEAD")


def test_an_upgrade_shows_diffs_anew(tmp_path: Path) -> None:
    """Git keeps the text of what it has shown, until the command is run again."""
    repository = Repository(tmp_path / "project")
    repository.markersteal("install-git")
    repository.write(history_of({"a.py::t": 1.0}))
    repository.commit("base")
    assert "a.py::t" in repository.git("log", "--patch")
    assert "dropped what git had kept" in repository.markersteal("install-git")


def test_no_repository_and_no_git_are_told(tmp_path: Path) -> None:
    """With what to do."""
    repository = Repository(tmp_path / "project")
    shutil.rmtree(repository.path / ".git")
    repository.environment["GIT_CEILING_DIRECTORIES"] = str(tmp_path)
    message = repository.markersteal("install-git", ok=False)
    assert "in no working tree of git; run this in pytest's rootdir" in message
    repository.environment["PATH"] = ""
    message = repository.markersteal("install-git", ok=False)
    assert "git can't be run" in message
    assert "install git" in message


def test_the_doctor_finds_what_keeps_the_file_from_others(tmp_path: Path) -> None:
    """An ignored file, one that is not committed, and a clone without the driver."""
    repository = Repository(tmp_path / "project")
    (repository.path / "a.py").touch()
    (repository.path / ".gitignore").write_text(".markersteal/\n")
    repository.write(history_of({"a.py::t": 1.0}))
    text = repository.markersteal("doctor", ok=False)
    assert "the file is ignored, by .gitignore:1:.markersteal/" in text
    assert "install-git" in text
    (repository.path / ".gitignore").unlink()
    assert "the file is not committed" in repository.markersteal("doctor", ok=False)
    repository.markersteal("install-git")
    repository.commit("all")
    assert "all is well" in repository.markersteal("doctor")


def test_the_working_file_is_compared_with_a_commit(tmp_path: Path) -> None:
    """HEAD, or any other; without one, it is said what to do."""
    repository = Repository(tmp_path / "project")
    repository.write(history_of({"a.py::t": 1.0}))
    assert "commit the file, or name two files" in repository.markersteal("diff", ok=False)
    repository.commit("first")
    assert repository.markersteal("diff") == "no difference\n"
    repository.write(history_of({"a.py::t": 8.0, "a.py::u": 1.0}))
    text = repository.markersteal("diff", ok=False)
    assert "~ a.py::t" in text
    assert "+ a.py::u" in text
    assert "1 new, 0 gone, 1 changed" in text
    repository.commit("second")
    assert repository.markersteal("diff") == "no difference\n"
    assert repository.markersteal("diff", "--revision", "HEAD~1", ok=False) == text
    assert "can't compare" in repository.markersteal("diff", "--revision", "nope", ok=False)
