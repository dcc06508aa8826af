"""Findings become proposals: one for each thing that tests share, whoever found it.

- All tests that touch one thing get one key. Where half of them or more have a key in common
  already, it is that one, unless it is one per host: what is proposed are keys of the session.
- ``serial`` only where no key can say it: two tests or more that are in conflict over a thing that
  is known get a key, which lets all others run beside them.
- A finding that doesn't know the thing is evidence for one that does, if its tests are among those.
- Tests that marks keep apart already need no more of them.
- What a finding says that no mark mends is advice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pytest_markersteal.core.suite import Demand, KeyScope, Mode
from pytest_markersteal.markers import DEFAULT_KEY
from pytest_markersteal.races.findings import CONFLICT, LATENT, Finding
from pytest_markersteal.races.inside import inside
from pytest_markersteal.races.propose.keys import key_for
from pytest_markersteal.races.propose.model import (
    ADD,
    SERIAL,
    SHARED_RESOURCE,
    XDIST_GROUP,
    Advice,
    Mark,
    Proposal,
    Proposals,
    mark_of,
)
from pytest_markersteal.words import count

_EVIDENCE = 12
"""How many lines of evidence a proposal keeps."""


@dataclass(slots=True)
class _Group:
    """Findings that one mark mends; ``name`` is the mark's."""

    name: str
    thing: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def tests(self) -> set[str]:
        return {test for finding in self.findings for test in finding.tests}


@dataclass(frozen=True, slots=True)
class Proposed:
    """``proposals``, and what became of the other findings.

    ``settled`` are the things whose tests marks keep apart already, ``gone`` the tests of findings
    that are not collected any more.
    """

    proposals: Proposals
    settled: tuple[str, ...]
    gone: tuple[str, ...]


def proposed(
    findings: Sequence[Finding], demands: Mapping[str, Demand], earlier: Proposals
) -> Proposed:
    """What to do about ``findings``; ``demands`` are those of all tests collected, by node id.

    A thing that has a key among those ``earlier``, as a review left them, keeps it.
    ``MarkTextError`` if a finding's mark is none.
    """
    places = inside(demands)
    findings = [_spelled_out(finding, places) for finding in findings]
    groups = _groups(one for one in findings if one.mark)
    taken = {claim.key for demand in demands.values() for claim in demand.claims}
    taken |= {one.mark.argument for one in earlier.proposals}
    proposals: list[Proposal] = []
    settled: list[str] = []
    for group in groups:
        tests = sorted(group.tests & demands.keys())
        asked = {test: demands[test] for test in tests}
        mark = _mark_before(group, earlier) or _mark(group, asked, taken)
        taken.add(mark.argument)
        if tests and _is_settled(asked, mark):
            settled.append(group.thing or str(mark))
        elif tests:
            proposals.append(_proposal(mark, group, tests))
    gone = {test for one in findings for test in one.tests} - demands.keys()
    advice = _advice([one for one in findings if not one.mark], demands)
    both = Proposals(tuple(proposals), advice)
    return Proposed(both, tuple(sorted(settled)), tuple(sorted(gone)))


def _spelled_out(finding: Finding, places: Mapping[str, Sequence[str]]) -> Finding:
    """``finding`` with the tests in there in place of each class or module."""
    culprits = [test for name in finding.culprits for test in places.get(name, (name,))]
    return replace(finding, culprits=tuple(dict.fromkeys(culprits)))


def _groups(findings: Iterable[Finding]) -> list[_Group]:
    groups: dict[tuple[str, str], _Group] = {}
    for finding in findings:
        mark = mark_of(finding.mark)
        name = mark.name
        if name == SERIAL and finding.thing and finding.kind in (CONFLICT, LATENT):
            name = SHARED_RESOURCE if len(finding.tests) > 1 else name
        if name == XDIST_GROUP:
            about = mark.argument
        else:
            about = finding.thing or _about_tests(mark, finding)
        groups.setdefault((name, about), _Group(name, finding.thing)).findings.append(finding)
    # Short names first: they get the short keys.
    ordered = sorted(groups, key=lambda about: (about[0], len(about[1]), about[1]))
    return _absorbed(groups[about] for about in ordered)


def _about_tests(mark: Mark, finding: Finding) -> str:
    """What findings that know no thing have in common; the key of the bare mark says nothing."""
    return "\n".join(sorted(finding.tests)) if mark.argument == DEFAULT_KEY else str(mark)


def _absorbed(groups: Iterable[_Group]) -> list[_Group]:
    """Those that know their thing take in those that don't, where the tests are theirs."""
    every = list(groups)
    known = [group for group in every if group.thing]
    kept = list(known)
    for group in every:
        if not group.thing:
            for other in known:
                if other.name == group.name and group.tests <= other.tests:
                    other.findings += group.findings
                    break
            else:
                kept.append(group)
    return kept


def _mark_before(group: _Group, earlier: Proposals) -> Mark | None:
    """The mark of the same thing in ``earlier``; where that is not known, of some of its tests."""
    for one in earlier.proposals:
        is_same = one.thing == group.thing and (one.thing or group.tests.intersection(one.tests))
        if one.action == ADD and one.mark.name == group.name and is_same:
            return one.mark
    return None


def _mark(group: _Group, asked: Mapping[str, Demand], taken: set[str]) -> Mark:
    marks = [mark_of(finding.mark) for finding in group.findings]
    wished = sorted({mark.argument for mark in marks if mark.name == group.name})
    if group.name == XDIST_GROUP:
        return Mark(XDIST_GROUP, wished[0])
    if group.name != SHARED_RESOURCE:
        return Mark(group.name)
    held = Counter(
        (claim.key, claim.scope)
        for demand in asked.values()
        for claim in demand.claims
        if claim.mode is Mode.WRITE
    )
    for (key, scope), tests in sorted(held.items(), key=lambda item: (-item[1], item[0][0])):
        if tests >= (len(asked) if scope is KeyScope.HOST else len(asked) / 2):
            return Mark(SHARED_RESOURCE, key)
    return Mark(SHARED_RESOURCE, key_for(group.thing, wished[0] if wished else "", taken))


def _is_settled(asked: Mapping[str, Demand], mark: Mark) -> bool:
    """Whether the marks that there are keep all these tests apart, as ``mark`` would."""
    demands = list(asked.values())
    if all(demand.serial or demand.exclusive for demand in demands):
        return True
    if mark.name == XDIST_GROUP:
        return all(demand.group == mark.argument for demand in demands)
    return all(map(mark.is_held_by, demands))


def _proposal(mark: Mark, group: _Group, tests: Sequence[str]) -> Proposal:
    findings = sorted(group.findings, key=lambda one: (one.found_by, one.story))
    evidence = _once(f"{one.found_by}: {line}" for one in findings for line in one.evidence)
    more = len(evidence) - _EVIDENCE
    shown = (*evidence[:_EVIDENCE], *([f"and {count(more, 'line')} more"] if more > 0 else []))
    return Proposal(
        ADD,
        mark,
        group.thing,
        tuple(tests),
        _once(one.story for one in findings),
        shown,
        _once(one.reproduce for one in findings if one.reproduce),
    )


def _advice(findings: Iterable[Finding], demands: Mapping[str, Demand]) -> tuple[Advice, ...]:
    by: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for one in findings:
        by[one.thing, one.advice].append(one)
    return tuple(
        Advice(
            thing,
            tuple(sorted({test for one in same for test in one.tests} & demands.keys())),
            _once(one.story for one in same),
            advice,
        )
        for (thing, advice), same in sorted(by.items())
    )


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
