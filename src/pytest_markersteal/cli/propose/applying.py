"""``markersteal propose --apply``: puts marks where they were asked for, and shows what changed."""

from __future__ import annotations

import difflib
import importlib.util
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_markersteal.cli.project import collection
from pytest_markersteal.cli.propose.stored import to_be_applied
from pytest_markersteal.cli.usage import NOT_GOOD, OK, UsageError
from pytest_markersteal.options import MAP_FILE
from pytest_markersteal.races.collecting.model import CollectedTest
from pytest_markersteal.races.propose.mapped import MapEditError, with_lines
from pytest_markersteal.races.propose.model import ADD, REMOVE, Mark, Proposal
from pytest_markersteal.races.propose.placing import Place, added, removable
from pytest_markersteal.toml import TomlError
from pytest_markersteal.words import count

_SOURCE = "source"


def apply(way: str, arguments: Sequence[str]) -> int:
    """Apply the reviewed proposals in one of ``WAYS``."""
    proposals = to_be_applied(Path())
    if way == _SOURCE and importlib.util.find_spec("libcst") is None:
        raise UsageError(
            "--apply source needs LibCST: pip install 'pytest-markersteal[propose]', or take "
            "--apply map"
        )
    collected = collection(arguments)
    there = {test.id: test.asks for test in collected.tests}
    kept, gone = [], set()
    for one in proposals.wanted:
        # Those that hold a key already may have it from a conftest, where it is not looked for.
        tests = tuple(
            test
            for test in one.tests
            if test in there and not (one.action == ADD and one.mark.is_held_by(there[test]))
        )
        gone |= {*one.tests} - there.keys()
        kept.append(replace(one, tests=tests))
    every = [*collected.tests, *collected.deselected]
    missed = WAYS[way](kept, every, Path(collected.rootdir))
    missed |= dict.fromkeys(sorted(gone), "pytest does not collect it")
    for what, why in missed.items():
        print(f"not done: {what}: {why}")
    if not missed:
        print("to see whether the conflicts are gone: markersteal propose --check")
    return NOT_GOOD if missed else OK


def _to_source(
    proposals: Sequence[Proposal], tests: Sequence[CollectedTest], root: Path
) -> dict[str, str]:
    """What could not be done, with reasons."""
    # It is not there for everybody, and takes long to import.
    from pytest_markersteal.races.propose.editing.sources import Sources

    sources = Sources(root)
    placed = added(proposals, tests)
    missed = dict.fromkeys(placed.unplaced, "it is no function of a Python file; --apply map can")
    by_path: dict[str, dict[Place, list[Mark]]] = defaultdict(dict)
    for place, marks in placed.marks.items():
        by_path[place.path][place] = marks
    for path, places in by_path.items():
        missed_places = sources.add(path, places)
        missed |= {str(place): f"{why}; --apply map can" for place, why in missed_places.items()}
    for proposal in proposals:
        if proposal.action == REMOVE:
            done = sources.remove(proposal.mark, removable(proposal, tests))
            left = [test for test in proposal.tests if not _is_in_one_of(test, done)]
            missed |= dict.fromkeys(left, f"{proposal.mark} is not on it alone, or not in its file")
    changes = sources.changes
    for path, (before, after) in changes.items():
        print(*_difference(path, before, after), sep="", end="")
    try:
        sources.write()
    except OSError as error:
        raise UsageError(
            f"can't write {error.filename}: {error.strerror or error}; files before it are changed"
        ) from error
    print(f"changed marks in {count(len(changes), 'file')}" if changes else "nothing to change")
    return missed


def _is_in_one_of(test: str, places: Sequence[Place]) -> bool:
    return any(
        test == str(place) or test.startswith((f"{place}::", f"{place}[")) for place in places
    )


def _to_map(
    proposals: Sequence[Proposal], tests: Sequence[CollectedTest], root: Path
) -> dict[str, str]:
    """As above."""
    placed = added(proposals, tests)
    marks = {str(place): some for place, some in placed.marks.items()}
    for proposal in proposals:
        for test in set(placed.unplaced).intersection(proposal.tests):
            if proposal.action == ADD:
                marks.setdefault(test, []).append(proposal.mark)
    path = root / MAP_FILE
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        after = with_lines(before, marks)
        if after != before:
            print(*_difference(MAP_FILE, before, after), sep="", end="")
            path.write_text(after, encoding="utf-8")
    except (MapEditError, TomlError, OSError, UnicodeDecodeError) as error:
        raise UsageError(f"can't edit {path}: {error}") from error
    print(f"wrote {MAP_FILE}" if after != before else f"nothing to change in {MAP_FILE}")
    removed = [one.mark for one in proposals if one.action == REMOVE]
    return {
        f"remove {mark}": "a map only adds marks; --apply source removes them" for mark in removed
    }


def _difference(path: str, before: str, after: str) -> Iterator[str]:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{path}",
        f"b/{path}",
    )
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


_Apply = Callable[[Sequence[Proposal], Sequence[CollectedTest], Path], dict[str, str]]
WAYS: dict[str, _Apply] = {_SOURCE: _to_source, "map": _to_map}
