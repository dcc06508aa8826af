"""Templates of environment variables, and variables that are set for a while."""

from __future__ import annotations

import pytest

from pytest_markersteal.safety.environment import Changes, expanded

WORDS = {"slot": "3", "worker": "gw5", "run": "5ca1ab1e"}


def test_words_and_variables_are_filled_in() -> None:
    """A line may use what the lines before it set."""
    lines = ["DB = shop_{slot}_{worker}", "URL=pg://{HOST}/{DB}?run={run}", "EMPTY="]
    assert expanded(lines, WORDS, {"HOST": "localhost"}) == {
        "DB": "shop_3_gw5",
        "URL": "pg://localhost/shop_3_gw5?run=5ca1ab1e",
        "EMPTY": "",
    }


def test_a_variable_may_be_made_from_itself() -> None:
    """The value before, and an equals sign in a value, are kept as they are."""
    lines = ["OPTIONS={OPTIONS} -c schema=s{slot}"]
    assert expanded(lines, WORDS, {"OPTIONS": "{-x}"}) == {"OPTIONS": "{-x} -c schema=s3"}


def test_doubled_braces_are_braces() -> None:
    """JSON can be written."""
    assert expanded(['JSON={{"slot": {slot}}}'], WORDS, {}) == {"JSON": '{"slot": 3}'}


def test_words_win_over_variables_of_their_name() -> None:
    """The slot is the slot, whatever somebody exported."""
    assert expanded(["A={slot}"], WORDS, {"slot": "other"}) == {"A": "3"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("URL", "'URL' is not of the form 'NAME=template'"),
        ("=x", "'=x' is not of the form"),
        ("MY VAR=x", "'MY VAR=x' is not of the form"),
        (
            "A={slto}",
            r"'A=\{slto\}': there is no \{slto\}; there are \{slot\}, \{worker\}, \{run\}",
        ),
        ("A={}", r"there is no \{\}"),
        ("A={slot:02d}", r"there is no \{slot:02d\}"),
        ("A={slot!r}", r"there is no \{slot!r\}"),
        ("A={slot.real}", r"there is no \{slot\.real\}"),
        ("A={slot", r"expected '\}'.*for a brace itself write \{\{"),
        ("A=}", r"Single '\}'.*for a brace itself write \{\{"),
    ],
)
def test_what_cannot_be_filled_in_is_a_usage_error(line: str, message: str) -> None:
    """It names the line, what is wrong there, and what there is instead."""
    with pytest.raises(pytest.UsageError, match=f"^markersteal_env: .*{message}"):
        expanded([line], WORDS, {})


def test_a_name_given_twice_is_a_usage_error() -> None:
    """Which of them counts nobody could see."""
    with pytest.raises(pytest.UsageError, match="A is given twice"):
        expanded(["A=1", "A=2"], WORDS, {})


def test_changes_are_undone() -> None:
    """What was there comes back, and what was not goes."""
    environ = {"OLD": "before"}
    changes = Changes(environ)
    changes.make({"OLD": "1", "NEW": "1"})
    changes.make({"OLD": "2"})
    assert environ == {"OLD": "2", "NEW": "1"}
    changes.undo()
    assert environ == {"OLD": "before"}


def test_what_others_changed_since_stays() -> None:
    """A conftest that sets a variable itself has the last word."""
    environ = {"A": "before"}
    changes = Changes(environ)
    changes.make({"A": "1", "B": "1"})
    environ["A"] = "theirs"
    del environ["B"]
    changes.undo()
    assert environ == {"A": "theirs"}
