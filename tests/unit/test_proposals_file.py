"""The file of proposals, and the map of marks."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_markersteal.mark_map import MapError, Matcher, places, read_map
from pytest_markersteal.races.propose.file import ProposalsError, read_proposals, write_proposals
from pytest_markersteal.races.propose.mapped import MapEditError, with_lines
from pytest_markersteal.races.propose.model import Advice, Mark, Proposal, Proposals

DB = Mark("shared_resource", "db")
PROPOSALS = Proposals(
    (
        Proposal("add", DB, "file db", ("a.py::x[1]", "a.py::y"), ("Why.",), ("at 1 s",), ("run",)),
        Proposal("remove", Mark("serial"), "", ("a.py::z",), apply=False),
    ),
    (Advice("variable TZ", ("a.py::x[1]",), ("It was left.",), "restore it"),),
)


def test_proposals_there_and_back(tmp_path: Path) -> None:
    """What is written is read."""
    path = tmp_path / ".markersteal" / "proposals.toml"
    write_proposals(path, PROPOSALS)

    assert read_proposals(path) == PROPOSALS


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version = 1", "version = 2", "has version 2, and this one reads 1"),
        ("version = 1", "version = ", "is not TOML"),
        ("version = 1", "version = 1\nmode = 2", "there is no 'mode'"),
        (
            "apply = true\naction",
            "apply = 1\naction",
            "proposal 1: apply must be true or false, not 1",
        ),
        ("apply = false\naction", "action", "proposal 2 must have apply, action"),
        ('"remove"', '"drop"', "proposal 2: action is 'drop'; write one of add, remove"),
        ('"serial"', '"slow"', "proposal 2: 'slow' is no mark; write one of serial"),
        ('["Why."]', '"Why."', "proposal 1: why must be a list of strings"),
        ('"restore it"', "3", "advice 1: advice must be a string, not 3"),
    ],
)
def test_what_holds_no_proposals(tmp_path: Path, old: str, new: str, message: str) -> None:
    """The error says what is wrong with it, and where."""
    path = tmp_path / "proposals.toml"
    write_proposals(path, PROPOSALS)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ProposalsError, match=message) as caught:
        read_proposals(path)
    assert str(path) in str(caught.value)


def test_the_map_has_a_line_for_each_pattern() -> None:
    """A new one is put behind the others, an old one is changed, and the rest stays as it is."""
    old = (
        '# Ours.\nversion = 1\n[marks]\n"a.py" = { serial = true } # why\n'
        '"b.py" = { no_parallel = true }'
    )

    new = with_lines(old, {"b.py": [DB], "c.py::x[*]": [DB, Mark("xdist_group", "g")]})

    assert new == (
        '# Ours.\nversion = 1\n[marks]\n"a.py" = { serial = true } # why\n'
        '"b.py" = { no_parallel = true, shared_resource = ["db"] }\n'
        '"c.py::x[*]" = { shared_resource = ["db"], xdist_group = "g" }\n'
    )
    assert with_lines(new, {"b.py": [DB]}) == new
    assert with_lines("", {"a.py": [Mark("serial")]}).endswith(
        '\nversion = 1\n\n[marks]\n"a.py" = { serial = true }\n'
    )


@pytest.mark.parametrize("setting", ['scope = "host"', 'mode = "read"'])
def test_a_key_is_not_added_to_keys_that_are_claimed_in_another_way(setting: str) -> None:
    """The error has a line for it alone; a key that is there already needs none."""
    old = f'version = 1\n[marks]\n"a.py" = {{ shared_resource = ["port"], {setting} }}\n'
    with pytest.raises(
        MapEditError, match=r'by hand:\n  "a.py\*" = \{ shared_resource = \["db"\] \}'
    ):
        with_lines(old, {"a.py": [DB]})
    assert with_lines(old, {"a.py": [Mark("shared_resource", "port")]}) == old


@pytest.mark.parametrize(
    "old",
    [
        'version = 1\n[marks."a.py"]\nserial = true\n',
        'version = 1\nmarks = { "a.py" = { serial = true } }\n',
        "version = 1\n[marks]\n'a.py' = { serial = true }\n",
    ],
)
def test_a_map_in_another_form_is_left_alone(old: str) -> None:
    """The error has the line to put in."""
    with pytest.raises(MapEditError, match=r'by hand:\n  "a.py" = \{ serial = true, shared_res'):
        with_lines(old, {"a.py": [DB]})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('"a" = { slow = true }', "'a': there is no mark 'slow'; choose from serial"),
        ('"a" = { serial = false }', "'a': serial must be true, not False"),
        ('"a" = { shared_resource = "db" }', r"'a': shared_resource must be a list of keys"),
        ('"a" = { shared_resource = [""] }', "'a': a key of shared_resource must be a non-empty"),
        ('"a" = { shared_resource = ["db"], units = 2 }', "'a': units=2 of key 'db' exceed"),
        ('"a" = { shared_resource = ["db"], mode = "w" }', "'a': mode of shared_resource must"),
        ('"a" = { serial = true, mode = "read" }', "'a': mode is for shared_resource"),
        ('"a" = { xdist_group = 1 }', "'a': xdist_group must be the name of a group"),
        ('"a" = ["serial"]', "'a' must have a table of marks, as in"),
        ('"a" = {}', "'a' must have a table of marks, as in"),
        ('"/a/b" = { serial = true }', "'/a/b' is absolute; write it as in node ids, from"),
        ('"a/" = { serial = true }', "'a/' is like no node id; write 'a'"),
        ('"././a/b.py::t" = { serial = true }', "is like no node id; write 'a/b.py::t'"),
        ('"a" = { serial = true', "is not TOML"),
        pytest.param(f'"a" = {"[" * 100_000}', "is not TOML", id="too deep"),
        ('"a" = { serial = true }\n"a" = { serial = true }', "is not TOML: Cannot overwrite"),
    ],
)
def test_mistakes_in_the_map(tmp_path: Path, line: str, message: str) -> None:
    """The error names the file and the pattern, and says what to write."""
    path = tmp_path / "markersteal.toml"
    path.write_text(f"version = 1\n[marks]\n{line}\n", encoding="utf-8")

    with pytest.raises(MapError, match=message) as caught:
        read_map(path, {})
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[marks]", "version is None; write 'version = 1'"),
        ("version = 1\nmarks = 1", "'marks' must be a table"),
        ("version = 1\nmark = 1", "there is no 'mark'; it has 'version' and a table"),
    ],
)
def test_mistakes_around_the_map(tmp_path: Path, content: str, message: str) -> None:
    """The error names the file."""
    path = tmp_path / "markersteal.toml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(MapError, match=message):
        read_map(path, {})


def test_places_of_a_test() -> None:
    """Parameters are no trap, whatever is in them, nor are brackets in paths."""
    assert list(places("a[1]/b.py::A::test_x[c::d/e[f]]")) == [
        "a[1]/b.py::A::test_x[c::d/e[f]]",
        "a[1]/b.py::A::test_x",
        "a[1]/b.py::A",
        "a[1]/b.py",
        "a[1]",
    ]
    assert list(places("doc.txt::doc.txt")) == ["doc.txt::doc.txt", "doc.txt"]


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("t/a.py::test_x[[1]-*]", False),
        ("t/a.py::test_x[[1]-b]", True),
        ("t/a.py::test_x[*", True),
        ("t/a.py::test_x", True),
        ("t/a.py::test_", False),
        ("t/a.py", True),
        ("t", True),
        ("*_x", True),
        ("t/*.py::test_x", True),
        ("*::test_y", False),
        ("t/?.py", False),
    ],
)
def test_patterns(pattern: str, matches: bool) -> None:
    """Only ``*`` is special."""
    assert bool(Matcher([pattern]).matching("t/a.py::test_x[[1]-b]")) == (
        matches or pattern == "t/a.py::test_x[[1]-*]"
    )


def test_patterns_that_match_nothing(tmp_path: Path) -> None:
    """They are told where tests were collected there, or nothing is there any more."""
    tmp_path.joinpath("t").mkdir()
    for name in ("a.py", "b.py"):
        tmp_path.joinpath("t", name).touch()
    told = ["*::test_y", "t/*::test_y", "t/a.py::test_y", "t/gone.py", "t/gone.py::*"]
    matcher = Matcher([*told, "t/a.py::*", "t/b.py::test_x", "t/b.py::*"])

    matcher.matching("t/a.py::test_x")

    assert matcher.unmatched(tmp_path) == told
