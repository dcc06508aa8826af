"""How the reference is made of what the code says."""

from __future__ import annotations

import argparse
import re
from socket import SocketKind
from time import time

import msgpack
import pytest
from doc_pages import ROOT
from reference import GENERATORS, renewed, stale
from reference.command_line import commands, exit_codes
from reference.declared import Argument, Declared
from reference.markdown import plain, table
from reference.python_names import signature
from reference.settings import ini_values, options

from pytest_markersteal.declarations import add_options
from pytest_markersteal.durations.format import encode
from pytest_markersteal.durations.history import History


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a * b, [c] and <d>", r"a \* b, \[c\] and \<d\>"),
        ("'auto', where it can't", "`auto`, where it can't"),
        ("needs pip install 'a[b]'", "needs `pip install 'a[b]'`"),
        ("as with --dist, -- too", "as with `--dist`, -- too"),
        ("in .markersteal/runs.", "in `.markersteal/runs`."),
        ("see markersteal_env or some_name", r"see `markersteal_env` or some\_name"),
    ],
)
def test_plain_text_is_shown_as_it_is_and_code_as_code(text: str, shown: str) -> None:
    """Nothing in it marks anything up."""
    assert plain(text) == shown


def test_a_bar_in_a_cell_ends_no_column() -> None:
    """Nor does the end of a line."""
    assert table(["a", "b"], [["x | y", "two\nlines"]]) == [
        "| a | b |",
        "| --- | --- |",
        r"| x \| y | two lines |",
    ]


@pytest.mark.parametrize(
    ("argument", "usage"),
    [
        (Argument(("--json",), {"action": "store_true"}), "--json"),
        (Argument(("-n", "--number"), {}), "-n, --number NUMBER"),
        (Argument(("--by",), {"choices": ["a", "b"]}), "--by {a,b}"),
        (Argument(("--compare",), {"metavar": ("A", "B"), "nargs": 2}), "--compare A B"),
        (Argument(("paths",), {"metavar": "PATH", "nargs": "*"}), "PATH"),
    ],
)
def test_an_argument_is_shown_as_it_is_written(argument: Argument, usage: str) -> None:
    """With what follows it."""
    assert argument.usage == usage


def test_what_is_declared_in_a_group_counts() -> None:
    """Of argparse as of pytest."""

    def declare(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--one")
        parser.add_argument_group("more").add_argument("--two")
        parser.add_mutually_exclusive_group().add_argument("--three")

    declared = Declared()
    declare(declared)  # type: ignore[arg-type] # It has what is used of one.
    assert [one.names for one in declared.arguments] == [("--one",), ("--two",), ("--three",)]


def test_all_that_is_declared_is_told() -> None:
    """Each option, and each ini value, under a heading."""
    declared = Declared()
    add_options(declared)  # type: ignore[arg-type] # It has what is used of a parser.
    headings = [line for line in options() if line.startswith("## ")]
    assert len(headings) == len(declared.arguments)
    assert [line for line in ini_values() if line.startswith("## ")] == [
        f"## `{name}`" for name in sorted(declared.ini)
    ]


def test_arguments_that_help_hides_are_not_told() -> None:
    """They are for git alone."""
    told = list(commands())
    assert any(line.startswith("| `--collected FILE` ") for line in told)
    assert not any("--textconv" in line for line in told)


def test_exit_codes_are_told_with_each_command_and_together() -> None:
    """As the end of its help has them."""
    assert "- 1: something is" in list(commands())
    (row,) = (line for line in exit_codes() if line.startswith("| `markersteal doctor` "))
    assert "**0** nothing is left behind; **1** something is; **2** wrong usage" in row


def test_the_pages_are_as_the_code_is() -> None:
    """They are read in the repository too, where nothing is generated."""
    assert [path.name for path, _ in stale()] == [], "run make reference"


def test_a_part_is_renewed_in_its_place() -> None:
    """With its indentation; what is around it stays, and what nothing generates is named."""
    page = "# Title\n\n  <!-- generated: marks -->\n  old\n  <!-- end -->\n\nafter\n"
    lines = renewed(page).splitlines()
    assert lines[:4] == ["# Title", "", "  <!-- generated: marks -->", ""]
    assert lines[4] == "  | mark | meaning |"
    assert lines[-3:] == ["  <!-- end -->", "", "after"]
    assert renewed(renewed(page)) == renewed(page)
    with pytest.raises(
        ValueError, match=f"no 'nothing' to be generated; choose from .*{[*GENERATORS][-1]}"
    ):
        renewed("<!-- generated: nothing -->\n<!-- end -->\n")
    with pytest.raises(ValueError, match="has no <!-- end -->"):
        renewed(f"<!-- generated: marks -->\nold\n\nprose\n\n{page}")


def test_signatures_are_as_in_the_source() -> None:
    """Without quotes, and with the names of what is given where nothing is."""

    def lock(name: str, kind: SocketKind = SocketKind.SOCK_STREAM, now: object = time) -> None: ...

    def wait(clock: object = object(), *, timeout_s: float = 1.5) -> None: ...

    assert signature(lock) == (
        "(name: str, kind: SocketKind = SocketKind.SOCK_STREAM, now: object = time.time) -> None"
    )
    assert signature(wait) == "(clock: object = ..., *, timeout_s: float = 1.5) -> None"


def test_the_page_of_files_has_the_keys_of_a_durations_file() -> None:
    """In their order."""
    page = (ROOT / "docs" / "reference" / "files.md").read_text(encoding="utf-8")
    rows = page.partition("| key | value |\n")[2].partition("\n\n")[0]
    told = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", rows, re.MULTILINE)))
    assert told == list(msgpack.unpackb(encode(History({}, {}, {}, "", ""))))
