"""Whatever the culprits are, they are found, and by few questions."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from pytest_markersteal.races.locate.minimising import most_questions, smallest

SIZES = st.integers(1, 200)


class Asked:
    """Answers whether it shows, by rules, and counts."""

    def __init__(self, culprits: set[str], undone_by: str = "") -> None:
        self.culprits = culprits
        self.undone_by = undone_by
        self.questions: list[tuple[str, ...]] = []
        self.narrowed: list[tuple[str, ...]] = []

    def shows(self, tests: tuple[str, ...]) -> bool:
        self.questions.append(tests)
        return self.rule(tests)

    def rule(self, tests: tuple[str, ...]) -> bool:
        """All culprits are there, and nothing behind the last of them undoes what it did."""
        if not self.culprits <= set(tests):
            return False
        last = max(map(tests.index, self.culprits))
        return self.undone_by not in tests[last:]


@st.composite
def suites(draw: st.DrawFn, most: int = 3) -> tuple[list[str], list[str]]:
    """Up to 200 tests, and one to ``most`` of them, in their order."""
    tests = [f"t{number}" for number in range(draw(SIZES))]
    places = draw(st.sets(st.integers(0, len(tests) - 1), min_size=1, max_size=most))
    return tests, [tests[place] for place in sorted(places)]


@given(suites())
def test_all_culprits_and_nobody_else(suite: tuple[list[str], list[str]]) -> None:
    """One, two or three tests that are needed together are found, within the stated bound."""
    tests, culprits = suite
    asked = Asked(set(culprits))

    assert smallest(tests, asked.shows, asked.narrowed.append) == tuple(culprits)

    assert len(asked.questions) <= most_questions(len(tests), len(culprits))
    assert len(set(asked.questions)) == len(asked.questions)
    assert all(asked.rule(tests) for tests in asked.narrowed)
    assert [*map(len, asked.narrowed)] == sorted(map(len, asked.narrowed), reverse=True)


@given(suites())
def test_one_of_several_that_suffice(suite: tuple[list[str], list[str]]) -> None:
    """Where any of some tests suffices, one of them is found."""
    tests, culprits = suite
    found = smallest(tests, lambda some: not set(culprits).isdisjoint(some), lambda some: None)

    assert len(found) == 1
    assert found[0] in culprits


@given(suites(), st.data())
def test_what_others_undo(suite: tuple[list[str], list[str]], data: st.DataObject) -> None:
    """A test that undoes what culprits did leaves a set of which none can be left out."""
    tests, culprits = suite
    undoes = data.draw(st.sampled_from(tests))
    asked = Asked(set(culprits), undoes if undoes not in culprits else "")
    if not asked.rule(tuple(tests)):
        return

    found = smallest(tests, asked.shows, asked.narrowed.append)

    assert asked.rule(found)
    for place in range(len(found)):
        fewer = found[:place] + found[place + 1 :]
        assert not fewer or not asked.rule(fewer)


@given(suites(most=2), st.integers(0, 1000))
def test_answers_that_miss_now_and_then(suite: tuple[list[str], list[str]], seed: int) -> None:
    """Where it does not always show, too many may be kept, but culprits are never dropped."""
    tests, culprits = suite
    chance = random.Random(seed)
    asked = Asked(set(culprits))

    found = smallest(
        tests, lambda some: asked.shows(some) and chance.random() < 0.7, asked.narrowed.append
    )

    assert set(culprits) <= set(found)
