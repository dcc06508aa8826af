"""Findings from footprints: conflicts, what may become one, and what was left."""

from __future__ import annotations

import pytest

from pytest_markersteal.races.findings import as_json, read_findings
from pytest_markersteal.races.watch import footprint
from pytest_markersteal.races.watch.common import as_common
from pytest_markersteal.races.watch.concluding import conclude
from pytest_markersteal.races.watch.footprint import (
    Footprint,
    FootprintError,
    Held,
    Left,
    Released,
    Touch,
    fields_of,
)
from pytest_markersteal.races.watch.join import MOST_OVERLAPS, Join, Source
from pytest_markersteal.races.watch.marked import Marks

WORKERS = [Source("gw0", 0), Source("gw1", 1)]
FAR = Source("gw2", 2, "elsewhere")


def touches(*some: str) -> list:
    """Touches from words such as ``written out.txt``, one a second from 0 s on."""
    found = []
    for at_s, words in enumerate(some):
        how, _, name = words.rpartition(" ")
        kind = footprint.PORT if name.isdecimal() else footprint.FILE
        kind = footprint.LOCK if how == footprint.LOCKED else kind
        found.append(Touch(kind, name, how, 1, float(at_s)))
    return fields_of(found)


def a_test(name: str, since_s: float, until_s: float, *some: str) -> Footprint:
    """A test that touches things as it begins."""
    moved = [[*fields[:4], since_s + fields[4] / 1e6] for fields in touches(*some)]
    return Footprint(name, since_s, until_s, moved, [])


def found_in(*records: tuple[int, Footprint | Held | Released]) -> list:
    """The findings of records, each with the number of its worker."""
    join = Join()
    for worker, record in records:
        join.add(WORKERS[worker], record)
    join.finish()
    return conclude(join, 0.0, Marks())


def kinds(findings: list) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.kind, one.thing, one.tests) for one in findings]


def test_a_conflict():
    """Two tests on different workers, at the same time, one of which changes the thing."""
    one, other = a_test("a", 0, 4, "written out"), a_test("b", 3, 5, "read out")
    (finding,) = found_in((0, one), (1, other))
    assert (finding.kind, finding.thing_kind, finding.thing) == ("conflict", "file", "out")
    assert finding.mark == "shared_resource:out"
    assert finding.readers == {"b"}
    assert (finding.overlaps, finding.overlap_count) == (((0, 1),), 1)
    first, second = finding.uses
    assert (first.test, first.how, first.phase, first.worker) == ("a", "written", "call", "gw0")
    assert (first.since_s, first.until_s, second.since_s) == (0, 4, 3)


@pytest.mark.parametrize("how", ["read", "listed", "connected to", "read as an SQLite database"])
def test_who_only_reads_disturbs_nobody(how):
    """However many they are."""
    assert found_in((0, a_test("a", 0, 4, f"{how} x")), (1, a_test("b", 1, 5, f"{how} x"))) == []


def test_one_after_the_other_may_become_a_conflict():
    """On one worker or on two; the end of one may be the beginning of the other."""
    one, other = a_test("a", 0, 1, "written out"), a_test("b", 1, 2, "read out")
    for worker in (0, 1):
        assert kinds(found_in((0, one), (worker, other))) == [("latent", "out", ("a", "b"))]


def test_a_test_alone_with_its_thing():
    """Whatever it does to it, and however often it runs."""
    assert found_in((0, a_test("a", 0, 1, "written out", "read out"))) == []
    twice = a_test("a", 0, 1, "written out"), a_test("a", 1, 2, "written out")
    assert found_in((0, twice[0]), (1, twice[1])) == []


def test_a_thing_is_in_use_from_its_first_touch_on():
    """Not from the test's beginning, but to its end."""
    late = Footprint("a", 0.0, 5.0, fields_of([Touch("file", "out", "written", 1, 4.0)]), [])
    assert kinds(found_in((0, late), (1, a_test("b", 1, 3, "written out"))))[0][0] == "latent"
    assert kinds(found_in((0, late), (1, a_test("b", 1, 4.5, "written out"))))[0][0] == "conflict"


def test_machines_share_nothing():
    """A file of the same name is another one."""
    join = Join()
    join.add(WORKERS[0], a_test("a", 0, 4, "written out"))
    assert join.add(FAR, a_test("b", 0, 4, "written out")) == []
    assert conclude(join, 0.0, Marks()) == []


def test_a_lock_that_both_held():
    """Who opened the same lock file took care; another lock is none."""
    one = a_test("a", 0, 4, "locked out.lock", "written out")
    assert found_in((0, one), (1, a_test("b", 1, 3, "locked out.lock", "written out"))) == []
    (finding,) = found_in((0, one), (1, a_test("b", 1, 3, "locked other.lock", "written out")))
    assert finding.kind == "conflict"


def test_things_of_which_each_slot_has_its_own():
    """By its number, where several slots have one; and not where another slot came by."""
    one = a_test("a", 0, 1, "written shop_0.db"), a_test("b", 1, 2, "written shop_0.db")
    two = a_test("c", 0, 1, "written shop_1.db"), a_test("d", 1, 2, "written shop_1.db")
    own = [(0, one[0]), (0, one[1]), (1, two[0]), (1, two[1])]
    assert found_in(*own) == []
    assert kinds(found_in(*own[:2])) == [("latent", "shop_0.db", ("a", "b"))]
    visit = (1, a_test("e", 3, 4, "read shop_0.db"))
    assert ("latent", "shop_0.db", ("a", "b", "e")) in kinds(found_in(*own, visit))


def test_a_folder_that_is_emptied_or_listed():
    """Those who use what is in it are in its way; those who know nothing of each other are not."""
    emptied = a_test("a", 0, 4, "removed with all that is in it out")
    listed = a_test("b", 0, 4, "listed out")
    created, changed = a_test("c", 1, 2, "created out/x"), a_test("d", 1, 2, "written out/x")
    for folder in (emptied, listed):
        for order in ([(0, folder), (1, created)], [(1, created), (0, folder)]):
            (finding,) = found_in(*order)
            assert (finding.kind, finding.thing_kind) == ("conflict", "folder")
            assert (finding.thing, len(finding.tests)) == ("out", 2)
    assert kinds(found_in((0, emptied), (1, changed)))[0][0] == "conflict"
    assert found_in((0, listed), (1, changed)) == []
    assert found_in((0, created), (1, a_test("e", 1, 2, "created out/y"))) == []


def held(number: int, test: str, scope: str, since_s: float, *some: str) -> Held:
    moved = [[*fields[:4], since_s] for fields in touches(*some)]
    return Held(number, scope, "test_a.py", "server", test, since_s, moved)


def test_a_fixture_holds_what_it_touched_until_it_is_torn_down():
    """Its use is known only then."""
    fixture = held(7, "a", "module", 0, "bound 8000")
    during = a_test("b", 5, 6, "bound 8000")
    (finding,) = found_in((0, fixture), (1, during), (0, Released(7, "c", 9.0, [], [])))
    assert (finding.kind, finding.thing_kind, finding.tests) == ("conflict", "port", ("a", "b"))
    assert finding.uses[0].fixture == "module fixture server"
    assert finding.mark == "shared_resource:port-8000"
    (finding,) = found_in((0, fixture), (1, during), (0, Released(7, "c", 4.0, [], [])))
    assert finding.kind == "latent"


def test_a_fixture_whose_end_nobody_told_of():
    """Its worker crashed: it lasted for as long as anything is known of that."""
    fixture = held(7, "a", "module", 0, "bound 8000")
    (finding,) = found_in(
        (0, fixture), (0, a_test("c", 1, 4, "read x")), (1, a_test("b", 3, 6, "bound 8000"))
    )
    assert finding.kind == "conflict"


def test_a_fixture_that_every_worker_sets_up_for_itself():
    """It is in its own way, and no mark helps where it lasts for the session."""
    records = [
        (worker, record)
        for worker in (0, 1)
        for record in (
            held(1, f"{worker}", "session", worker, "written var/config"),
            Released(1, f"{worker}", 9.0, [], []),
        )
    ]
    (finding,) = found_in(*records)
    assert (finding.kind, finding.mark) == ("conflict", "")
    assert "worker_slot" in finding.advice


def test_many_tests_with_one_thing():
    """All of them are told, and so many of their pairs as anybody would look at."""
    records = [
        (number % 2, a_test(f"t{number}", number, number + 1.5, "written log"))
        for number in range(1_000)
    ]
    (finding,) = found_in(*records)
    assert len(finding.uses) == 1_000
    assert len(finding.overlaps) == MOST_OVERLAPS
    assert finding.overlap_count == 999


def test_keys_are_as_short_as_they_can_be():
    """The last part of a name, with what is before it where another thing is called so too."""
    records = []
    for number, name in enumerate(["a/out.txt", "b/out.txt", "/tmp/x/out.txt"]):
        records += [
            (0, a_test("a", number, number + 0.5, f"written {name}")),
            (0, a_test("b", number + 0.5, number + 1, f"written {name}")),
        ]
    marks = {one.thing: one.mark.partition(":")[2] for one in found_in(*records)}
    assert len(set(marks.values())) == 3
    assert marks["a/out.txt"] == "out.txt"
    assert marks["b/out.txt"] == "b/out.txt"


def test_leaks_of_one_thing_are_one_finding():
    """With the advice for that kind of thing; it is doubtful if all of them are."""
    left = Left("variable", "SHOP", 1, "was not set", "is set", False)
    doubtful = Left("cache", "shop.rate", -1, "0 results", "1 result", True)
    records = [
        (0, Footprint("a", 0.0, 1.0, [], fields_of([left, doubtful]))),
        (1, Footprint("b", 0.0, 1.0, [], fields_of([left]))),
    ]
    variable, cache = found_in(*records)
    assert (variable.kind, variable.thing, variable.tests) == ("leak", "SHOP", ("a", "b"))
    assert "monkeypatch.setenv" in variable.advice
    assert (variable.is_doubtful, cache.is_doubtful) == (False, True)


def test_clashes_are_told_as_they_come_to_light():
    """With the second of two tests."""
    join = Join()
    assert join.add(WORKERS[0], a_test("a", 0, 4, "written out")) == []
    (clash,) = join.add(WORKERS[1], a_test("b", 1, 2, "written out"))
    assert (clash.thing.name, clash.one.owner.test, clash.other.owner.test) == ("out", "a", "b")


def test_a_fixture_that_was_never_set_up():
    """No worker of this version says so."""
    with pytest.raises(FootprintError, match="fixture 3 was never set up"):
        Join().add(WORKERS[0], Released(3, "a", 1.0, [], []))


def test_processes_are_counted():
    """Nobody looks into them, which is to be known."""
    join = Join()
    process = fields_of([Touch(footprint.PROCESS, "git", "started", 1, 0.5)])
    join.add(WORKERS[0], Footprint("a", 0.0, 1.0, process, []))
    join.add(WORKERS[0], a_test("b", 1, 2, "read x"))
    assert join.processes == 1


def test_findings_in_the_form_of_all_commands(tmp_path):
    """They are findings that any command can read, with story and evidence."""
    conflict = a_test("a", 0, 4, "written out"), a_test("b", 3, 5, "read out")
    later = [(0, a_test(name, 9, 9.5, "written log")) for name in "cde"]
    left = Footprint("f", 9.5, 10.0, [], [["interpreter", "locale", -1, "C", "de", False]])
    found = found_in((0, conflict[0]), (1, conflict[1]), *later, (0, left))
    path = tmp_path / "findings.json"
    path.write_text(as_json([as_common(one) for one in found]))
    one, latent, leak = read_findings(path)
    assert (one.kind, one.found_by, one.tests) == ("conflict", "watch", ("a", "b"))
    assert (one.thing, one.mark) == ("file out", "shared_resource:out")
    assert one.story == "file out was used by a and b at the same time, and changed."
    assert one.evidence == (
        "a on gw0: written in call, 0.000 to 4.000 s",
        "b on gw1: read in call, 3.000 to 5.000 s",
    )
    assert latent.story.startswith("file log was used by c and 2 more and changed")
    assert (leak.story, leak.evidence) == ("f left locale changed.", ("f on gw0: C -> de",))
