"""Commands, options and ini values that the documentation or a ``--help`` names are there."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator, Mapping

import pytest
from doc_pages import ROOT, pages

from pytest_markersteal.cli.command import Command, add_commands
from pytest_markersteal.cli.main import COMMANDS

PROGRAM = "markersteal"
CODE = re.compile(r"`([^`]+)`")
FENCED = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)


def named_commands(known: Mapping[str, Command], program: str) -> Iterator[tuple[str, Command]]:
    """All commands with their full names, those of groups too."""
    for name, command in known.items():
        yield f"{program} {name}", command
        yield from named_commands(getattr(command, "COMMANDS", {}), f"{program} {name}")


ALL = dict(named_commands(COMMANDS, PROGRAM))


def helped_examples() -> Iterator[str]:
    """The examples at the end of each ``--help``."""
    for name, command in ALL.items():
        found = re.findall(rf"^  ({name}\b.*)$", command.EPILOG, re.MULTILINE)
        assert found, f"{name} has no example"
        yield from found


@pytest.mark.parametrize("example", list(helped_examples()))
def test_an_example_of_help_is_a_command(example: str) -> None:
    """It parses; what is behind -- goes to pytest."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_commands(parser, COMMANDS, PROGRAM)
    _, *words = shlex.split(example.partition(" > ")[0])
    own = words[: words.index("--")] if "--" in words else words
    assert callable(parser.parse_args(own).run)


def options_of(command: Command) -> set[str]:
    """The options that its help has."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", parser.format_help()))


def in_prose(page: str) -> Iterator[str]:
    """What is set as code in the sentences of a page, each on one line."""
    text = FENCED.sub("", (ROOT / page).read_text(encoding="utf-8"))
    for code in CODE.findall(text):
        yield " ".join(code.split())


@pytest.mark.parametrize("page", pages())
def test_a_command_in_the_prose_of_a_page_is_there(page: str) -> None:
    """And so are the options that it is given there."""
    longest = sorted(ALL, reverse=True)
    for code in in_prose(page):
        if not code.startswith(f"{PROGRAM} "):
            continue
        own = code.partition(" -- ")[0]
        name = next((name for name in longest if f"{own} ".startswith(f"{name} ")), None)
        assert name or own.split()[1].startswith("-") or "COMMAND" in own, code
        if name:
            options = set(re.findall(r"(?<!\S)--?[a-z][\w-]*", own))
            assert options <= options_of(ALL[name]), code


@pytest.mark.parametrize("page", pages())
def test_an_option_or_ini_value_on_a_page_is_there(page: str, pytestconfig: pytest.Config) -> None:
    """As this run of pytest has them."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for option in re.findall(r"--markersteal-[a-z-]*[a-z]", text):
        assert hasattr(pytestconfig.option, option.removeprefix("--").replace("-", "_")), option
    for name in re.findall(r"(?<![\w.])markersteal_[a-z_]+", text):
        pytestconfig.getini(name)  # A ``ValueError`` where there is none.
