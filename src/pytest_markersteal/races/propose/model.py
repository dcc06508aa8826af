"""What a proposal is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from pytest_markersteal.core.suite import Demand, Mode

ADD = "add"
REMOVE = "remove"
ACTIONS = (ADD, REMOVE)

SHARED_RESOURCE = "shared_resource"
XDIST_GROUP = "xdist_group"
SERIAL = "serial"
FLAGS = (SERIAL, "no_parallel")
_FORMS = "serial, no_parallel, shared_resource:KEY, xdist_group:NAME"


class MarkTextError(ValueError):
    """A mark that is none; the message says which there are."""


class Mark(NamedTuple):
    """A mark with one argument: a key, the name of a group, or nothing."""

    name: str
    argument: str = ""

    def __str__(self) -> str:
        return f"{self.name}:{self.argument}" if self.argument else self.name

    @property
    def as_python(self) -> str:
        """It as people read it in a source."""
        return f'{self.name}("{self.argument}")' if self.argument else self.name

    def is_held_by(self, demand: Demand) -> bool:
        """Whether a test that asks for ``demand`` holds this key, and writes."""
        return self.name == SHARED_RESOURCE and any(
            claim.key == self.argument and claim.mode is Mode.WRITE for claim in demand.claims
        )


def mark_of(text: str) -> Mark:
    """The mark that ``text`` is, in the form that findings use; ``MarkTextError`` if it is none."""
    name, colon, argument = text.partition(":")
    if name in FLAGS and not colon:
        return Mark(name)
    if name in (SHARED_RESOURCE, XDIST_GROUP) and argument.strip():
        return Mark(name, argument)
    raise MarkTextError(f"{text!r} is no mark; write one of {_FORMS}")


@dataclass(frozen=True, slots=True)
class Proposal:
    """To ``action`` a mark, one of ``ACTIONS``, on ``tests`` (node ids, sorted).

    ``thing`` is what they share, as findings name it, or empty. ``why`` are sentences, ``evidence``
    lines of when and how it was seen, ``reproduce`` shell commands that show it. ``apply``: whether
    it is to be applied; what adds a mark is, unless a review switches it off, and what removes one
    is not, unless a review switches it on.
    """

    action: str
    mark: Mark
    thing: str
    tests: tuple[str, ...]
    why: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    reproduce: tuple[str, ...] = ()
    apply: bool = True

    @property
    def identity(self) -> tuple[str, str, str]:
        """What it has in common with the same proposal of another time."""
        return self.action, self.mark.name, self.thing or self.mark.argument


@dataclass(frozen=True, slots=True)
class Advice:
    """What no mark mends: ``advice`` says what does; the rest is as in ``Proposal``."""

    thing: str
    tests: tuple[str, ...]
    why: tuple[str, ...]
    advice: str


@dataclass(frozen=True, slots=True)
class Proposals:
    """What is proposed, and what is advised where no mark helps."""

    proposals: tuple[Proposal, ...] = ()
    advice: tuple[Advice, ...] = ()

    def after_review(self, earlier: Proposals) -> Proposals:
        """These, as a review of those ``earlier`` left them.

        What would add a mark and is switched off is kept even if it was not found again: it may be,
        another time. A removal stays switched on only for the tests that were reviewed.
        """
        before = {one.identity: one for one in earlier.proposals}
        found = [_reviewed(one, before.pop(one.identity, None)) for one in self.proposals]
        refused = [one for one in before.values() if one.action == ADD and not one.apply]
        return Proposals(tuple(sorted([*found, *refused], key=_order)), self.advice)

    @property
    def wanted(self) -> list[Proposal]:
        """Those that are to be applied."""
        return [one for one in self.proposals if one.apply]


def _reviewed(proposal: Proposal, before: Proposal | None) -> Proposal:
    if before is None:
        return proposal
    is_as_before = proposal.action == ADD or set(proposal.tests) <= set(before.tests)
    return replace(proposal, apply=before.apply and is_as_before)


def _order(proposal: Proposal) -> tuple[str, Mark, str]:
    return proposal.action, proposal.mark, proposal.thing
