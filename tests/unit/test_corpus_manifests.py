"""The reader of the manifests of planted faults."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus import ManifestError, faults, read

CONFLICT = """
version = 1
fault = "shared_till"
kind = "conflict"
story = "Two tests count one till."
culprits = ["tests/test_pay.py::test_cash", "tests/test_night.py::test_count"]
victims = ["tests/test_night.py::test_count"]
condition = "overlap"
show = ["tests/test_pay.py::test_cash", "tests/test_night.py::test_count"]
command = "watch"
thing = "the file till"
mark = "shared_resource:till"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "shared_till"
    folder.mkdir()
    return folder


def written(folder: Path, text: str) -> Path:
    (folder / "fault.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_manifest_is_read(folder: Path) -> None:
    """Every entry is a field, and who is both culprit and victim is guilty once."""
    fault = read(written(folder, CONFLICT))
    assert (fault.name, fault.kind, fault.folder) == ("shared_till", "conflict", folder)
    assert fault.show == fault.culprits == fault.guilty
    assert fault.victims == ("tests/test_night.py::test_count",)


def test_all_faults_below_a_folder_are_found_by_name(folder: Path) -> None:
    """Folders without a manifest are none."""
    written(folder, CONFLICT)
    other = folder.with_name("a_shared_till")
    other.mkdir()
    written(other, CONFLICT.replace("shared_till", "a_shared_till"))
    folder.with_name("notes").mkdir()
    assert [fault.name for fault in faults(folder.parent)] == ["a_shared_till", "shared_till"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version = 1", "version = 2", "version is 2; this reader knows 1"),
        ("version = 1", "", "version is None"),
        ('story = "Two tests count one till."', "", "story is missing"),
        ('thing = "the file till"', "thing = 3", "thing is 3; write some text"),
        ('thing = "the file till"', 'thing = ""', "thing is ''; write some text"),
        ('fault = "shared_till"', 'fault = "till"', "write 'shared_till', as its folder"),
        ('"conflict"', '"confict"', "write one of conflict, flaky, leak, order"),
        ('"overlap"', '"night"', "write one of alone, hash seed, left, order, overlap, timing"),
        ('"watch"', '"look"', "write one of locate, stress, verify, watch"),
        ('"conflict"', '"order"', "condition is 'overlap', which shows a fault of kind conflict"),
        ('"shared_resource:till"', '"shared"', "write 'none', 'serial' or"),
        ('"shared_resource:till"', '"none"', "mark is 'none'; marks mend conflicts"),
        ('show = ["tests/test_pay.py::test_cash", ', "show = [", "name the two that overlap"),
        ("tests/test_pay.py::test_cash", "test_cash", "node ids are like"),
        ('["tests/test_night.py::test_count"]', '"all"', "write a list of node ids"),
        ('["tests/test_night.py::test_count"]', "[]", "victims are for all conditions but 'left'"),
        ('mark = "', 'colour = "red"\nmark = "', "colour is no entry of a manifest"),
        ('mark = "', 'probe = "os.getcwd()"\nmark = "', "probe is for leaks"),
        ('mark = "', 'moment_s = 0.5\nmark = "', "moment_s is for the condition 'timing'"),
        ('mark = "', 'moment_s = 1.5\nmark = "', "write a number from 0.0 to below 1.0"),
        ("version = 1", "version = ", "Invalid value"),
    ],
)
def test_what_is_wrong_is_told_with_the_file(old: str, new: str, said: str, folder: Path) -> None:
    """And with what could be written instead."""
    assert old in CONFLICT
    written(folder, CONFLICT.replace(old, new))
    with pytest.raises(ManifestError) as caught:
        read(folder)
    assert str(folder / "fault.toml") in str(caught.value)
    assert said in str(caught.value)


def test_a_folder_without_a_manifest_is_told(folder: Path) -> None:
    """By the name of the file that is not there."""
    with pytest.raises(ManifestError, match=r"fault\.toml"):
        read(folder)


def test_a_victim_that_is_not_shown_is_told(folder: Path) -> None:
    """Whatever is shown instead."""
    shown = 'show = ["tests/test_pay.py::test_cash", "tests/test_pay.py::test_card"]'
    lines = [shown if line.startswith("show") else line for line in CONFLICT.splitlines()]
    with pytest.raises(ManifestError, match=r"show lacks the victim tests/test_night\.py"):
        read(written(folder, "\n".join(lines)))
