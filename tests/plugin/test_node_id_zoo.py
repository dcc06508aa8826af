"""Node ids with anything in them."""

from __future__ import annotations

import pytest

IDS = """
    IDS = [
        "plain", "with space", " leading", "a::b", "a::b.py::c", "user@host", "x@group",
        "[", "]", "[0]", "a[b]c", "]::test_other[", "100%", "a/b\\\\\\\\c", "tab\\\\there",
        "Käse", "日本語", "🐍", "null\\\\x00", "'quoted'", '"double"', "{}", "$HOME", "-k x",
        "a,b", "#", "x" * 2000, "é" * 700,
    ]
"""


@pytest.fixture
def zoo(pytester, witness):
    """A suite with one test for each strange id, by group, key, class and module."""
    pytester.makepyfile(
        ids=IDS.replace("\\\\\\\\", "\\\\").replace("\\\\t", "\\t").replace("\\\\x", "\\x"),
        test_zoo="""
        import ids, pytest, witness

        @pytest.mark.parametrize("value", ids.IDS, ids=ids.IDS)
        def test_plain(request, value):
            witness.tell(request.node.nodeid)

        class TestClass:
            @pytest.mark.shared_resource("db :: [é]")
            @pytest.mark.parametrize("value", ids.IDS[:10], ids=ids.IDS[:10])
            def test_keyed(self, request, value):
                with witness.span(request.node.nodeid):
                    pass

        @pytest.mark.xdist_group("a@b::c")
        @pytest.mark.parametrize("value", ids.IDS[-10:], ids=ids.IDS[-10:])
        def test_grouped(request, value):
            witness.tell(request.node.nodeid)
        """,
    )
    folder = pytester.mkdir("with space, é and [brackets]")
    folder.joinpath("test_inside.py").write_text(
        "import witness\ndef test_it(request): witness.tell(request.node.nodeid)\n"
    )


COUNT = 28 + 10 + 10 + 1


def test_each_runs_once_under_its_name(pytester, run_markersteal, zoo, witness):
    """Tests with strange ids run once each, with the ids that they have in one process."""
    run_markersteal(n=0).assert_outcomes(passed=COUNT)
    expected = sorted(witness.names())
    assert len(set(expected)) == COUNT
    witness.clear()
    run_markersteal("-Werror").assert_outcomes(passed=COUNT)
    assert sorted(witness.names()) == expected
    assert witness.overlaps(lambda *_: True) == []
    witness.clear()
    result = run_markersteal("-v")
    result.assert_outcomes(passed=COUNT)
    result.stdout.fnmatch_lines([f"durations: known for {COUNT} of {COUNT} tests"])


def test_a_crash_is_blamed_by_its_name(pytester, run_markersteal):
    """A test with a strange id that takes its worker down is named in full."""
    pytester.makepyfile(
        test_it="""
        import os, pytest

        @pytest.mark.parametrize("value", ["a b", "é::[x]", "last"])
        def test_it(value):
            if value == "é::[x]":
                os._exit(1)
        """
    )
    pytester.makeini(
        "[pytest]\ndisable_test_id_escaping_and_forfeit_all_rights_to_community_support = true"
    )
    result = run_markersteal()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*'test_it.py::test_it[[]é::[[]x]]'*"])
