"""Histories for Hypothesis: any that a file may hold, and such as came from a common one."""

from __future__ import annotations

from hypothesis import strategies as st

from pytest_markersteal.core.suite import Claim, Demand, Mode
from pytest_markersteal.durations.buckets import LARGEST, seconds_of
from pytest_markersteal.durations.history import (
    Buckets,
    Fixture,
    Function,
    History,
    Selection,
    Startup,
)

buckets = st.integers(0, LARGEST)
# Few names, so that several histories speak of the same.
parameters = st.sampled_from(["", "[]", "[a]", "[b]", "[c]", "[", "[x-]]"])
names = st.sampled_from(["a.py::t", "a.py::u", "b/c.py::T::t", "b/c.py::T::U::t", "d.py", "\udc80"])
platforms = st.sampled_from(["", "linux-3.11", "win32-3.13"])
claims = st.builds(
    Claim, st.sampled_from(["db", "cache"]), st.sampled_from(Mode), st.integers(1, 3)
)
demands = st.builds(
    Demand,
    st.lists(claims, max_size=2).map(tuple),
    st.booleans(),
    st.booleans(),
    st.none() | st.just("group"),
)
owns = st.dictionaries(parameters, buckets, max_size=3)
functions = st.builds(
    lambda shared, more, own, demands, platforms: Function(
        shared, len(own) + more, own, demands, platforms
    ),
    st.builds(Buckets, buckets, buckets, buckets, buckets),
    st.integers(0, 3),
    owns,
    st.dictionaries(parameters, demands, max_size=2),
    st.dictionaries(
        platforms.filter(bool), st.dictionaries(parameters, buckets, min_size=1, max_size=2)
    ),
)
fixtures = st.builds(
    Fixture, st.sampled_from(["module", "session"]), st.sampled_from(["", "a.py"]), st.just("f")
)
seconds = buckets.map(seconds_of)
startups = st.builds(
    Startup,
    seconds,
    seconds,
    seconds,
    seconds.map(lambda s: s / 1000),
    st.none() | st.integers(0, 10).map(lambda tenths: tenths / 10),
)
selections = st.builds(
    Selection, st.sampled_from(["", "a", "a/b.py"]), st.sampled_from(["", "slow"])
)
histories = st.builds(
    History,
    st.dictionaries(names, functions),
    st.dictionaries(fixtures, buckets),
    st.dictionaries(selections, startups),
    platforms,
    st.sampled_from(["", "2026-11-21", "2026-11-22"]),
)


@st.composite
def descendants(draw: st.DrawFn, base: History) -> History:
    """A history that began as ``base``: some of it dropped, some changed, some new."""
    other = draw(histories)
    kept = {name: f for name, f in base.functions.items() if draw(st.booleans())}
    return History(
        {**kept, **other.functions},
        {**{key: b for key, b in base.fixtures.items() if draw(st.booleans())}, **other.fixtures},
        {**base.startups, **other.startups},
        base.platform or other.platform,
        max(base.written, other.written),
    )


families = histories.flatmap(
    lambda base: st.tuples(st.just(base), descendants(base), descendants(base))
)
