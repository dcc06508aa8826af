"""``markersteal propose``: writes the file of proposals, and tells what is in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_markersteal.cli.project import collection
from pytest_markersteal.cli.project import found as read
from pytest_markersteal.cli.propose.stored import reviewed
from pytest_markersteal.cli.usage import OK, UsageError
from pytest_markersteal.races.propose.file import FILE, write_proposals
from pytest_markersteal.races.propose.gaining import gain_in
from pytest_markersteal.races.propose.model import ADD, REMOVE, MarkTextError, Proposal, Proposals
from pytest_markersteal.races.propose.proposing import Proposed, proposed
from pytest_markersteal.races.propose.removing import Gain, removals
from pytest_markersteal.trace import folder, reader
from pytest_markersteal.trace.format import TraceError
from pytest_markersteal.words import count

_TESTS_SHOWN = 5
_OFF = {ADD: " (switched off)", REMOVE: ' (off, unless you set "apply = true")'}


def propose(paths: Sequence[Path], arguments: Sequence[str]) -> int:
    """Propose for the project in this folder; ``paths`` are files of findings."""
    found = read(paths)
    collected = collection(arguments)
    earlier = reviewed(Path()) or Proposals()
    every = [*collected.tests, *collected.deselected]
    demands = {test.id: test.asks for test in every}
    try:
        added = proposed(found.findings, demands, earlier)
    except MarkTextError as error:
        raise UsageError(f"a finding proposes a mark that is none: {error}") from error
    taken = removals(demands, collected.capacities, found, _gain())
    both = Proposals((*added.proposals.proposals, *taken), added.proposals.advice)
    everything = both.after_review(earlier)
    for line in _lines(everything, added, len(found.findings)):
        print(line)
    if everything.proposals or everything.advice or earlier.proposals or earlier.advice:
        try:
            write_proposals(Path(FILE), everything)
        except OSError as error:
            raise UsageError(f"can't write {FILE}: {error.strerror or error}") from error
        print(f"wrote {FILE.as_posix()}")
    if not found.findings:
        print("findings come from pytest --markersteal-watch and from files that are named")
    if everything.wanted:
        print("review it, then: markersteal propose --apply source (or map)")
    elif everything.proposals:
        print('all of it is off: set "apply = true" there for what is to be applied')
    return OK


def _gain() -> Gain:
    """What changes gain in the newest run of which there is a trace, if there is one."""
    for path in reversed(folder.traces(Path())):
        try:
            return gain_in(path.stem, reader.read(path))
        except (TraceError, OSError):
            continue  # Another one may tell; without any, there is no prediction.
    return lambda change: ""


def _lines(proposals: Proposals, added: Proposed, findings: int) -> Iterator[str]:
    wanted = count(len(proposals.wanted), "proposal")
    unwanted = len(proposals.proposals) - len(proposals.wanted)
    off = f" and {unwanted:,} that {'is' if unwanted == 1 else 'are'} off" if unwanted else ""
    advice = f", {len(proposals.advice):,} that no mark mends" if proposals.advice else ""
    yield f"{wanted}{off}{advice}, from {count(findings, 'finding')}"
    for proposal in proposals.proposals:
        yield ""
        yield from _proposal_lines(proposal)
    for some in proposals.advice:
        yield ""
        yield f"no mark mends {some.thing or 'this'}: {some.advice}"
        yield from _test_lines(some.tests)
        yield from (f"    {why}" for why in some.why)
    if added.settled or added.gone:
        yield ""
    if added.settled:
        yield f"kept apart by marks already: {', '.join(added.settled)}"
    if added.gone:
        yield f"findings about tests that are not collected: {_some(added.gone)}"
    yield ""


def _proposal_lines(proposal: Proposal) -> Iterator[str]:
    verb, of = ("add", "to") if proposal.action == ADD else ("remove", "from")
    off = "" if proposal.apply else _OFF[proposal.action]
    about = f": {proposal.thing}" if proposal.thing else ""
    tests = count(len(proposal.tests), "test")
    yield f"{verb} {proposal.mark.as_python} {of} {tests}{about}{off}"
    yield from _test_lines(proposal.tests)
    yield from (f"    {why}" for why in proposal.why)
    yield from (f"    {line}" for line in proposal.evidence)
    yield from (f"    to see it: {command}" for command in proposal.reproduce)


def _test_lines(tests: Sequence[str]) -> Iterator[str]:
    yield from (f"  {test}" for test in tests[:_TESTS_SHOWN])
    if len(tests) > _TESTS_SHOWN:
        yield f"  and {len(tests) - _TESTS_SHOWN:,} more"


def _some(tests: Sequence[str]) -> str:
    more = f" and {len(tests) - _TESTS_SHOWN:,} more" if len(tests) > _TESTS_SHOWN else ""
    return ", ".join(tests[:_TESTS_SHOWN]) + more
