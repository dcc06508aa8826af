"""Two histories made one: what is taken from which side."""

from __future__ import annotations

from pytest_markersteal.core.suite import Claim, Demand
from pytest_markersteal.durations.history import Buckets, Function, History
from pytest_markersteal.durations.merging import merge

NAME = "a.py::t"
SHORT, LONG = Buckets(0, 20, 0, 18), Buckets(0, 40, 0, 36)
KEYED = Demand((Claim("db"),))


def of(function: Function | None, written: str = "") -> History:
    return History({} if function is None else {NAME: function}, written=written)


def merged(
    base: Function | None, ours: Function | None, theirs: Function | None
) -> Function | None:
    return merge([of(ours), of(theirs)], of(base)).functions.get(NAME)


def test_what_one_side_changed_is_taken_from_it() -> None:
    """Also where the other side changed something else of the same function."""
    base = Function(SHORT, 3, {"[a]": 30})
    slower = Function(LONG, 3, {"[a]": 30})
    more = Function(SHORT, 4, {"[a]": 30, "[b]": 50}, {"": KEYED})
    assert merged(base, slower, base) == slower
    assert merged(base, slower, more) == Function(LONG, 4, {"[a]": 30, "[b]": 50}, {"": KEYED})


def test_what_both_changed_lies_between() -> None:
    """In the middle, in steps: the geometric mean of the durations."""
    base = Function(Buckets(0, 10, 0, 9))
    assert merged(base, Function(SHORT), Function(LONG)) == Function(Buckets(0, 30, 0, 27))


def test_what_one_side_dropped_is_gone_unless_the_other_changed_it() -> None:
    """A test that changed is one that is still there."""
    base = Function(SHORT)
    assert merged(base, None, base) is None
    assert merged(base, None, Function(LONG)) == Function(LONG)


def test_parts_of_one_run_drop_nothing_that_another_has() -> None:
    """Joined twice, they are what they were joined to; what none of them has is gone."""
    base = History(
        {NAME: Function(SHORT, 2, {"[a]": 30}, {"": KEYED}), "a.py::gone": Function(SHORT)}
    )
    one, other = of(base.functions[NAME]), History({"b.py::t": Function(LONG)})
    joined = merge([one, other], base, are_parts=True)
    assert joined.functions == {**one.functions, **other.functions}
    assert merge([one, other], joined, are_parts=True) == joined


def test_fewer_tests_are_fewer() -> None:
    """Parameters that one side took away are gone, though the other side changed the function."""
    base = Function(SHORT, 5)
    assert merged(base, Function(SHORT, 3), Function(LONG, 5)) == Function(LONG, 3)


def test_without_a_common_base_both_sides_count() -> None:
    """As when both added the file: nothing is known to be dropped."""
    ours, theirs = Function(SHORT, 2, {"[a]": 30}), Function(SHORT, 2, {"[b]": 50})
    assert merged(None, ours, theirs) == Function(SHORT, 2, {"[a]": 30, "[b]": 50})
    assert merged(None, ours, None) == ours


def test_the_newest_day_and_a_platform_are_kept() -> None:
    """A side that never learned has no platform."""
    both = merge([History(written="2026-11-21"), History({}, {}, {}, "linux-3.11", "2026-11-22")])
    assert (both.platform, both.written) == ("linux-3.11", "2026-11-22")
