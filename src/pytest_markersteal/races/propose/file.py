"""The file of proposals, which people review: TOML, sorted, one line for each test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_markersteal.races.propose.model import (
    ACTIONS,
    Advice,
    MarkTextError,
    Proposal,
    Proposals,
    mark_of,
)
from pytest_markersteal.replacing import replace_file
from pytest_markersteal.toml import TomlError, listed, quoted, read_toml

FILE = Path(".markersteal", "proposals.toml")
VERSION = 1
"""Raised with every change of what the file means."""

_HEAD = f"""\
# What 'markersteal propose' found. To review it: set "apply = false" where you disagree, or give a
# key a better name. What would remove a mark is off: set "apply = true" where you know that nothing
# needs it. All of this stays when it is written again. Then 'markersteal propose --apply source'
# changes marks in the source of the tests, and '--apply map' adds them in markersteal.toml.
version = {VERSION}
"""
_AGAIN = "mend it, or remove it and run 'markersteal propose' again"
_PROPOSAL = {"apply": bool, "action": str, "mark": str, "thing": str}
_ADVICE = {"thing": str, "advice": str}
_PROPOSAL_LISTS = ("tests", "why", "evidence", "reproduce")
_ADVICE_LISTS = ("tests", "why")


class ProposalsError(ValueError):
    """A file that holds no proposals of this version; the message says why, and what to do."""


def as_toml(proposals: Proposals) -> str:
    """``proposals`` as they are written."""
    return "\n".join([_HEAD, *_tables(proposals)])


def _tables(proposals: Proposals) -> Iterator[str]:
    for one in proposals.proposals:
        yield "[[proposal]]"
        yield f"apply = {str(one.apply).lower()}"
        yield f"action = {quoted(one.action)}"
        yield f"mark = {quoted(str(one.mark))}"
        yield f"thing = {quoted(one.thing)}"
        for name in _PROPOSAL_LISTS:
            yield f"{name} = {listed(getattr(one, name))}"
        yield ""
    for some in proposals.advice:
        yield "[[advice]]"
        yield f"thing = {quoted(some.thing)}"
        yield f"advice = {quoted(some.advice)}"
        for name in _ADVICE_LISTS:
            yield f"{name} = {listed(getattr(some, name))}"
        yield ""


def write_proposals(path: Path, proposals: Proposals) -> None:
    """Write them whole or not at all; ``OSError``."""
    # Node ids may hold what UTF-8 can't; the file then shows it, and the tests are not found by it.
    replace_file(path, as_toml(proposals).encode("utf-8", errors="replace"))


def read_proposals(path: Path) -> Proposals:
    """The proposals at ``path``; ``ProposalsError`` or ``OSError`` if it has none."""
    try:
        content = read_toml(path)
    except TomlError as error:
        raise ProposalsError(f"{error}; {_AGAIN}") from error
    if content.get("version") != VERSION:
        raise ProposalsError(
            f"{path} has version {content.get('version')!r}, and this one reads {VERSION}; {_AGAIN}"
        )
    unknown = sorted(content.keys() - {"version", "proposal", "advice"})
    if unknown:
        raise ProposalsError(f"{path}: there is no {unknown[0]!r}; {_AGAIN}")
    proposals = [_proposal(where, table) for where, table in _each(path, content, "proposal")]
    advice = [_an_advice(where, table) for where, table in _each(path, content, "advice")]
    return Proposals(tuple(proposals), tuple(advice))


def _each(path: Path, content: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    tables = content.get(name, [])
    if type(tables) is not list:
        raise ProposalsError(f"{path}: {name!r} must be tables, each under [[{name}]]; {_AGAIN}")
    for number, table in enumerate(tables, 1):
        yield f"{path}: {name} {number}", table


def _proposal(where: str, table: Any) -> Proposal:
    texts, lists = _checked(where, table, _PROPOSAL, _PROPOSAL_LISTS)
    if texts["action"] not in ACTIONS:
        raise ProposalsError(
            f"{where}: action is {texts['action']!r}; write one of {', '.join(ACTIONS)}"
        )
    try:
        mark = mark_of(texts["mark"])
    except MarkTextError as error:
        raise ProposalsError(f"{where}: {error}") from error
    return Proposal(texts["action"], mark, texts["thing"], apply=texts["apply"], **lists)


def _an_advice(where: str, table: Any) -> Advice:
    texts, lists = _checked(where, table, _ADVICE, _ADVICE_LISTS)
    return Advice(texts["thing"], lists["tests"], lists["why"], texts["advice"])


def _checked(
    where: str, table: Any, types: Mapping[str, type], lists: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, tuple[str, ...]]]:
    names = [*types, *lists]
    if type(table) is not dict or table.keys() != set(names):
        raise ProposalsError(f"{where} must have {', '.join(names)}, and nothing else; {_AGAIN}")
    for name, wanted in types.items():
        if type(table[name]) is not wanted:
            kind = "true or false" if wanted is bool else "a string"
            raise ProposalsError(f"{where}: {name} must be {kind}, not {table[name]!r}")
    for name in lists:
        value = table[name]
        if type(value) is not list or not all(type(text) is str for text in value):
            raise ProposalsError(f"{where}: {name} must be a list of strings, not {value!r}")
    return {name: table[name] for name in types}, {name: tuple(table[name]) for name in lists}
