"""Findings in lines, for people."""

from __future__ import annotations

from dataclasses import replace

from pytest_markersteal.races.watch.findings import (
    CONFLICT,
    LEAK,
    Finding,
    Remnant,
    Use,
    Watched,
)
from pytest_markersteal.report.watch import watch_lines

NOTHING = "no test uses what another one changes, and none leaves anything changed"


def a_use(number: int, *, writes: bool = True, fixture: str | None = None) -> Use:
    how = "written" if writes else "read"
    return Use(
        f"t{number}", fixture, "", False, f"gw{number}", number, "call", how, writes, number, 9
    )


def a_finding(uses: int, *, kind: str = CONFLICT, is_doubtful: bool = False) -> Finding:
    some = tuple(a_use(number, writes=number == 0) for number in range(uses))
    left = tuple(
        Remnant(f"t{number}", None, "gw0", None, "1", "2") for number in range(0 if uses else 3)
    )
    return Finding(
        kind, "file", "out", some, ((0, 1),) if uses else (), 1, left, "", "do it", is_doubtful
    )


def watched(*findings: Finding, processes: int = 0, trouble: tuple[str, ...] = ()) -> Watched:
    return Watched("2026-01-01T00:00:00+00:00", (), 2, processes, trouble, findings)


def test_a_run_without_findings():
    """That is told too."""
    assert watch_lines(watched()) == [NOTHING]


def test_a_conflict_names_its_tests_in_columns():
    """With when and where, and what to do."""
    assert watch_lines(watched(a_finding(2))) == [
        "conflict: file out: used at the same time, and changed",
        "    t0  gw0  written in call  0.000 to 9.000 s",
        "    t1  gw1  read in call     1.000 to 9.000 s",
        "  -> do it",
        "",
    ]


def test_of_many_tests_some_are_named():
    """The file has all of them."""
    lines = watch_lines(watched(a_finding(9)))
    assert [line.split()[0] for line in lines[1:5]] == ["t0", "t1", "t2", "t3"]
    assert lines[5] == "    and 5 tests more"


def test_a_leak_tells_what_was_and_is():
    """For each test that left it so."""
    lines = watch_lines(watched(a_finding(0, kind=LEAK)))
    assert lines[:2] == ["leak: file out: left changed", "    t0  gw0  1 -> 2"]


def test_what_is_doubtful_is_only_counted():
    """It is no finding by itself."""
    assert watch_lines(watched(a_finding(0, kind=LEAK, is_doubtful=True))) == [
        NOTHING,
        "1 thing more changed as such things do when they are first used, like caches",
    ]


def test_what_was_not_seen_is_told():
    """Processes, and workers that could not be watched."""
    lines = watch_lines(watched(processes=2, trouble=("not watched: gw1",)))
    assert lines[1:] == [
        "other processes, into which nobody looks, were started by 2 tests or fixtures",
        "warning: not watched: gw1",
    ]


def test_what_is_kept_apart_is_one_line():
    """And nobody is asked to mark what is marked."""
    latent = replace(a_finding(2, kind="latent"), overlaps=(), is_kept_apart=True)
    assert watch_lines(watched(latent)) == [
        "no test uses what another one changes without being kept apart, and none leaves anything "
        "changed",
        "kept apart by marks already: file out",
    ]


def test_tests_without_the_mark_come_first():
    """However many have it."""
    finding = replace(
        a_finding(7, kind="latent"),
        overlaps=(),
        mark="shared_resource:out",
        holders=tuple(f"t{number}" for number in range(6)),
    )
    lines = watch_lines(watched(finding))
    assert [line.split()[0] for line in lines[1:5]] == ["t6", "t0", "t1", "t2"]
    assert lines[5] == "    and 3 tests that have the mark"
    assert lines[6].startswith('  -> mark those without it @pytest.mark.shared_resource("out")')
