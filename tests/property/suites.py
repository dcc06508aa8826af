"""Arbitrary suites, as Hypothesis strategies."""

from __future__ import annotations

from array import array

from hypothesis import strategies as st

from pytest_markersteal.core.suite import Claim, Demand, KeyScope, Mode, Suite

CAPACITIES = {"pool": 3, "display": 2}

claims = st.one_of(
    st.builds(Claim, st.sampled_from(["db", "cache"]), st.sampled_from(Mode)),
    st.builds(Claim, st.just("pool"), st.just(Mode.WRITE), st.integers(1, 3)),
    st.builds(Claim, st.just("port"), st.sampled_from(Mode), st.just(1), st.just(KeyScope.HOST)),
    st.builds(
        Claim, st.just("display"), st.just(Mode.WRITE), st.integers(1, 2), st.just(KeyScope.HOST)
    ),
    st.builds(Claim, st.just("disk"), st.sampled_from(Mode), st.just(1), st.sampled_from(KeyScope)),
)
claim_sets = st.lists(claims, max_size=2, unique_by=lambda claim: claim.key).map(
    lambda chosen: tuple(sorted(chosen, key=lambda claim: claim.key))
)
marked = st.builds(
    Demand,
    claims=claim_sets,
    exclusive=st.sampled_from([False, False, False, True]),
    serial=st.sampled_from([False, False, True]),
    group=st.sampled_from([None, None, None, "x", "y"]),
)
demands = st.one_of(st.just(Demand()), marked)
claiming = st.builds(Demand, claims=claim_sets, exclusive=st.sampled_from([False] * 7 + [True]))
"""Mostly with claims, and with nothing else that keeps a test from running."""


@st.composite
def suites(
    draw: st.DrawFn,
    max_tests: int = 25,
    least_tests: int = 0,
    of: st.SearchStrategy[Demand] = demands,
) -> Suite:
    """Suites of up to ``max_tests`` tests in a few modules, of which about half are marked."""
    wanted = draw(st.lists(of, min_size=least_tests, max_size=max_tests))
    distinct = sorted(set(wanted), key=wanted.index)
    modules = array("L", sorted(draw(st.integers(0, 3)) for _ in wanted))
    functions = array("L", range(len(wanted)))
    classes = array("L", (2 * module + draw(st.integers(0, 1)) for module in modules))
    packages = array("L", (module // 2 for module in modules))
    return Suite(
        distinct,
        [distinct.index(demand) for demand in wanted],
        (functions, classes, modules, packages),
        CAPACITIES,
    )


durations = st.sampled_from([0.0, 0.001, 0.01, 0.1, 1.0, 30.0])
