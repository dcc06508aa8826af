"""Pools of named instances, with real workers."""

from __future__ import annotations


def test_each_test_of_a_pool_has_an_account_of_its_own(pytester, run_markersteal, witness):
    """As many run at a time as there are names, and never two with the same one."""
    pytester.makeini("[pytest]\nmarkersteal_resources = account = alice, bob, carol")
    pytester.makepyfile(
        """
        import pytest, witness

        NAMES = ["alice", "bob", "carol"]

        @pytest.mark.shared_resource("account")
        @pytest.mark.parametrize("number", range(9))
        def test_one(number, resource):
            account = resource("account")
            assert NAMES[account.instance] == account.name
            with witness.span("one", names=[account.name]):
                pass

        @pytest.mark.shared_resource("account", units=2)
        @pytest.mark.parametrize("number", range(3))
        def test_two(number, resource):
            payer, payee = resource("account").names
            with witness.span("two", names=[payer, payee]):
                pass
        """
    )
    run_markersteal(n=4).assert_outcomes(passed=12)
    spans = witness.spans()
    assert {name for span in spans for name in span.facts["names"]} == {"alice", "bob", "carol"}
    edges = [(span.begin_ns, len(span.facts["names"])) for span in spans]
    edges += [(span.end_ns, -len(span.facts["names"])) for span in spans]
    held = 0
    for _, units in sorted(edges):
        held += units
        assert 0 <= held <= 3
    assert (
        witness.overlaps(lambda one, other: bool({*one.facts["names"]} & {*other.facts["names"]}))
        == []
    )
