"""From findings to proposals, and to the places where marks go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from builders import SERIAL, group, host_key, key

from pytest_markersteal.core.suite import Claim, Demand, Mode
from pytest_markersteal.races.collecting.model import CollectedTest
from pytest_markersteal.races.findings import Finding
from pytest_markersteal.races.propose.keys import key_for
from pytest_markersteal.races.propose.model import (
    ADD,
    REMOVE,
    Mark,
    MarkTextError,
    Proposal,
    Proposals,
    mark_of,
)
from pytest_markersteal.races.propose.placing import Place, added, in_one, removable
from pytest_markersteal.races.propose.proposing import Proposed, proposed
from pytest_markersteal.races.propose.reading import Found
from pytest_markersteal.races.propose.removing import removals

A, B, C, D = (f"test_it.py::test_{name}" for name in "abcd")


def finding(
    *tests: str,
    thing: str = "file state.json",
    mark: str = "shared_resource:state.json",
    kind: str = "conflict",
    by: str = "watch",
    advice: str = "",
) -> Finding:
    return Finding(
        kind, by, (), tests, thing, f"{by} saw {thing}.", ("at 1 s",), f"run {by}", mark, advice
    )


def propose(
    *findings: Finding,
    demands: Mapping[str, Demand] | None = None,
    earlier: Proposals | None = None,
) -> Proposed:
    plain = dict.fromkeys([A, B, C, D], Demand())
    return proposed(findings, {**plain, **(demands or {})}, earlier or Proposals())


def marks(said: Proposed) -> list[tuple[str, tuple[str, ...]]]:
    return sorted((str(one.mark), one.tests) for one in said.proposals.proposals)


def collected(node_id: str) -> CollectedTest:
    """A function of pytest, whose classes begin with a capital letter."""
    _, *names = node_id.partition("[")[0].split("::")
    classes = [name for name in names if name[0].isupper()]
    function = names[-1] if names[-1].startswith("test") else ""
    return CollectedTest(node_id, classes, function, [], Demand().fields(), [], "", "")


# Proposals


def test_one_thing_has_one_key() -> None:
    """All tests that touch it, by whoever's finding, are in one proposal with all evidence."""
    said = propose(finding(A, B), finding(C, B, by="stress", mark="serial"))

    (one,) = said.proposals.proposals
    assert (one.action, str(one.mark), one.thing) == (
        ADD,
        "shared_resource:state.json",
        "file state.json",
    )
    assert one.tests == (A, B, C)
    assert one.why == ("stress saw file state.json.", "watch saw file state.json.")
    assert one.evidence == ("stress: at 1 s", "watch: at 1 s")
    assert one.reproduce == ("run stress", "run watch")


def test_a_class_stands_for_all_its_tests() -> None:
    """Its fixtures may be set up for any of them; those of other classes need no mark."""
    inside = [f"test_it.py::TestShop::test_{name}" for name in "pq"]
    outside = "test_it.py::TestShopFront::test_r"
    demands = dict.fromkeys([*inside, outside], Demand())

    said = propose(finding(A, inside[0], "test_it.py::TestShop"), demands=demands)

    assert marks(said) == [("shared_resource:state.json", (*inside, A))]
    assert not said.gone


def test_several_things_have_several_keys() -> None:
    """Also where their finders gave them the same one."""
    said = propose(finding(A, B), finding(B, C, thing="file old/state.json"))

    assert marks(said) == [
        ("shared_resource:old-state.json", (B, C)),
        ("shared_resource:state.json", (A, B)),
    ]


def test_serial_only_where_no_key_can_say_it() -> None:
    """A conflict of several tests over a thing that is known has a key."""
    assert marks(propose(finding(A, B, thing="port 8080", mark="serial"))) == [
        ("shared_resource:port-8080", (A, B))
    ]
    assert marks(propose(finding(A, thing="port 8080", mark="serial"))) == [("serial", (A,))]
    assert marks(propose(finding(A, B, thing="", mark="serial"))) == [("serial", (A, B))]
    assert marks(propose(finding(A, B, kind="flaky", mark="serial"))) == [("serial", (A, B))]


def test_who_knows_the_thing_takes_in_who_does_not() -> None:
    """If the tests are among its own; otherwise both are proposed."""
    located = finding(A, B, thing="", by="locate", mark="shared_resource:shared")
    wider = finding(A, D, thing="", by="locate", mark="shared_resource:shared")

    (one,) = propose(finding(A, B, C), located).proposals.proposals
    assert one.tests == (A, B, C)
    assert one.reproduce == ("run locate", "run watch")
    assert [one for one, _ in marks(propose(finding(A, B, C), wider))] == [
        "shared_resource:shared",
        "shared_resource:state.json",
    ]


def test_a_group_is_known_by_its_name() -> None:
    """Two findings with one name are one proposal."""
    ordered = finding(A, B, kind="order", thing="", mark="xdist_group:api")
    more = finding(C, kind="order", thing="order", mark="xdist_group:api")

    assert marks(propose(ordered, more)) == [("xdist_group:api", (A, B, C))]


def test_what_no_mark_mends_is_advice() -> None:
    """Once for each thing."""
    leak = finding(A, thing="variable TZ", mark="", kind="leak", advice="use monkeypatch")
    other = finding(B, thing="variable TZ", mark="", kind="leak", advice="use monkeypatch")

    said = propose(leak, other)

    assert not said.proposals.proposals
    (one,) = said.proposals.advice
    assert (one.thing, one.tests, one.advice) == ("variable TZ", (A, B), "use monkeypatch")


@pytest.mark.parametrize(
    "demands",
    [
        {A: key("db"), B: Demand((Claim("db"), Claim("state.json")))},
        {A: SERIAL, B: SERIAL},
        {A: SERIAL, B: Demand(exclusive=True)},
    ],
)
def test_what_marks_keep_apart_needs_no_more(demands: dict[str, Demand]) -> None:
    """It is told, and not proposed."""
    said = propose(finding(A, B), demands=demands)

    assert not said.proposals.proposals
    assert said.settled == ("file state.json",)


def test_what_is_on_one_worker_needs_no_more() -> None:
    """Of a group of that name."""
    ordered = finding(A, B, kind="order", thing="", mark="xdist_group:api")

    assert propose(ordered, demands={A: group("api"), B: group("api")}).settled
    assert not propose(ordered, demands={A: group("api")}).settled


def test_a_key_that_half_of_the_tests_have_is_extended() -> None:
    """A reader's claim is none that would keep readers apart."""
    reader = Demand((Claim("db", Mode.READ),))
    three = finding(A, B, C)

    assert marks(propose(three, demands={A: key("db"), B: key("db")})) == [
        ("shared_resource:db", (A, B, C))
    ]
    assert marks(propose(three, demands={A: key("db")})) == [
        ("shared_resource:state.json", (A, B, C))
    ]
    assert marks(propose(three, demands={A: reader, B: reader})) == [
        ("shared_resource:state.json", (A, B, C))
    ]


def test_a_key_per_host_is_not_extended() -> None:
    """Where all tests have it, they are kept apart; a key is proposed for the session."""
    demands = {A: host_key(), B: host_key()}

    assert propose(finding(A, B), demands=demands).settled
    assert marks(propose(finding(A, B, C), demands=demands)) == [
        ("shared_resource:state.json", (A, B, C))
    ]


def test_tests_that_are_gone_are_told() -> None:
    """Nothing is proposed for them."""
    said = propose(finding(A, "test_it.py::test_old"))

    assert said.gone == ("test_it.py::test_old",)
    assert marks(said) == [("shared_resource:state.json", (A,))]


def test_a_review_stays() -> None:
    """A key's new name, and what is switched off, even if it is not found again."""
    (first,) = propose(finding(A, B)).proposals.proposals
    renamed = Proposal(ADD, mark_of("shared_resource:spool"), first.thing, (A,), apply=False)
    old = Proposal(ADD, mark_of("serial"), "", (D,), apply=False)
    done = Proposal(ADD, mark_of("shared_resource:mail"), "file mail", (D,))

    earlier = Proposals((renamed, old, done))

    reviewed = propose(finding(A, B), earlier=earlier).proposals.after_review(earlier)

    assert [(str(one.mark), one.tests) for one in reviewed.proposals] == [
        ("serial", (D,)),
        ("shared_resource:spool", (A, B)),
    ]
    assert not reviewed.wanted


def test_removals_are_off_until_a_review_switches_them_on() -> None:
    """And on only for the tests that were reviewed; one that is not found again is forgotten."""
    found = Found((), (frozenset([A, B, C, D]),))
    demands = {A: SERIAL, B: SERIAL, C: key("db"), D: Demand()}
    first = Proposals(tuple(removals(demands, {}, found, lambda change: "")))

    assert [(str(one.mark), one.apply) for one in first.proposals] == [
        ("serial", False),
        ("shared_resource:db", False),
    ]
    accepted = Proposals(tuple(replace(one, apply=True) for one in first.proposals))
    again = first.after_review(accepted)
    assert [str(one.mark) for one in again.wanted] == ["serial", "shared_resource:db"]
    wider = Proposals(tuple(removals({**demands, D: SERIAL}, {}, found, lambda change: "")))
    assert [str(one.mark) for one in wider.after_review(accepted).wanted] == ["shared_resource:db"]
    assert Proposals().after_review(first) == Proposals()


def test_what_knows_no_thing_has_a_key_of_its_own_and_keeps_it() -> None:
    """Two pairs of tests that share something are no four that share one thing."""
    one = finding(A, B, thing="", by="locate", mark="shared_resource:shared")
    other = finding(C, D, thing="", by="locate", mark="shared_resource:shared")

    first = propose(one, other)
    again = propose(other, finding(A, B, C, thing="", mark="serial"), one, earlier=first.proposals)

    assert marks(first) == [
        ("shared_resource:shared", (A, B)),
        ("shared_resource:shared-2", (C, D)),
    ]
    assert marks(again) == [("serial", (A, B, C)), *marks(first)]


def test_a_mark_that_is_none_is_an_error() -> None:
    """It says which there are."""
    with pytest.raises(MarkTextError, match="'slow' is no mark; write one of serial"):
        propose(finding(A, mark="slow"))


@pytest.mark.parametrize(
    ("thing", "wished", "taken", "expected"),
    [
        ("file data/state.json", "state", set(), "state"),
        ("file data/state.json", "", set(), "state.json"),
        ("file data/state.json", "state", {"state"}, "state.json"),
        ("file data/state.json", "", {"state.json"}, "data-state.json"),
        ("file a", "a", {"a", "a-2"}, "a-3"),
        ("port 8080", "", set(), "port-8080"),
        ("folder C:\\Spool\\", "", set(), "spool"),
        ("???", "", set(), "shared"),
    ],
)
def test_keys_are_readable(thing: str, wished: str, taken: set[str], expected: str) -> None:
    """As short as is different from all others."""
    assert key_for(thing, wished, taken) == expected


# Places


def adding(mark: str, *tests: str) -> Proposal:
    return Proposal(ADD, mark_of(mark), "", tests)


SUITE = [
    collected(node_id)
    for node_id in (
        "a.py::test_one[1]",
        "a.py::test_one[2]",
        "a.py::TestA::test_x",
        "a.py::TestA::test_y",
        "a.py::TestA::TestIn::test_z",
        "b.py::test_only",
        "c.txt::c.txt",
    )
]
IDS = [test.id for test in SUITE]


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        (["a.py::test_one[2]"], ["a.py::test_one"]),
        (["a.py::TestA::test_x"], ["a.py::TestA::test_x"]),
        (IDS[2:5], ["a.py::TestA"]),
        (IDS[1:4], ["a.py::TestA::test_x", "a.py::TestA::test_y", "a.py::test_one"]),
        (IDS[:5], ["a.py"]),
        (["b.py::test_only"], ["b.py::test_only"]),
    ],
)
def test_marks_go_where_they_say_the_same_of_the_same_tests(
    tests: list[str], expected: list[str]
) -> None:
    """A class or a module, where all of its several functions need them."""
    placed = added([adding("serial", *tests)], SUITE)

    assert sorted(map(str, placed.marks)) == expected
    assert not placed.unplaced


def test_marks_of_one_place_are_together() -> None:
    """Keys in one mark; the others each have their own."""
    tests = ["b.py::test_only"]
    proposals = [adding(mark, *tests) for mark in ("shared_resource:b", "serial")]

    placed = added([*proposals, adding("shared_resource:a", *tests, IDS[2])], SUITE)

    (only,) = [some for place, some in placed.marks.items() if place.path == "b.py"]
    assert in_one(only) == [("serial", []), ("shared_resource", ["a", "b"])]


def test_a_test_that_does_not_run_counts_where_marks_are_of_all() -> None:
    """It is among those that the class has."""
    placed = added([adding("serial", *IDS[2:4])], SUITE[:4])
    with_another = added([adding("serial", *IDS[2:4])], [*SUITE[:4], SUITE[4]])

    assert [str(place) for place in placed.marks] == ["a.py::TestA"]
    assert len(with_another.marks) == 2


def test_what_is_no_function_has_no_place() -> None:
    """It is told, and keeps its module from having a mark for all."""
    text = collected("c.txt::c.txt")

    assert added([adding("serial", text.id)], SUITE).unplaced == [text.id]


def test_a_mark_is_removed_where_it_is_of_these_tests_alone() -> None:
    """Not from a function, class or module that others are in too."""

    def places(*tests: str) -> list[str]:
        return list(map(str, removable(Proposal(REMOVE, Mark("serial"), "", tests), SUITE)))

    assert places("a.py::test_one[1]") == []
    assert places(*IDS[:2]) == ["a.py::test_one"]
    assert places(*IDS[2:4]) == ["a.py::TestA::test_x", "a.py::TestA::test_y"]
    assert "a.py::TestA" in places(*IDS[2:5])
    assert places("b.py::test_only") == ["b.py", "b.py::test_only"]
    assert Place("a.py") in removable(Proposal(REMOVE, Mark("serial"), "", tuple(IDS[:5])), SUITE)
