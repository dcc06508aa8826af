"""The rules for keys per host, each in a situation small enough to read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import ALONE, PLAIN, SERIAL, group, host_key, key, suite_of
from play import Play

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.floor import Floor, floor_of
from pytest_markersteal.core.messages import (
    Checked,
    Finished,
    Parked,
    Run,
    SlotLost,
    Started,
    WorkerLeft,
)
from pytest_markersteal.core.plan import Plan
from pytest_markersteal.core.quarantine import Instance
from pytest_markersteal.core.setups import Setups
from pytest_markersteal.core.suite import Claim, Demand, KeyScope, Mode, Suite

BOTH = Demand(claims=(Claim("db"), Claim("port", scope=KeyScope.HOST)))


def chain(tests: int, demand: Demand | None = None, capacity: int = 1) -> Suite:
    """A suite of so many tests of a key per host, in a module each."""
    demands = [demand or host_key()] * tests
    return suite_of(demands, modules=range(tests), capacities={"port": capacity})


def busy(play: Play) -> list[str]:
    """The workers that were sent anything."""
    return [f"gw{number}" for number in range(len(play.hosts)) if play.sent(f"gw{number}")]


def finish(play: Play, name: str, test: int) -> None:
    """Let a worker run ``test``, its first or next one, and park, as it has no other."""
    play.tell(Started(name, test))
    play.hungry(name)
    play.tell(Finished(name, test, 1.0), Parked(name))


# Who may run what


def test_each_host_runs_one_test_of_the_key() -> None:
    """A chain that is longer than all else is begun on all hosts, by one worker of each."""
    play = Play(chain(8), 4, [1.0] * 8, hosts="aabb")
    assert busy(play) == ["gw0", "gw2"]


def test_on_one_host_one_worker_has_all_of_it() -> None:
    """As with a key of the session."""
    play = Play(chain(8), 4, [1.0] * 8, hosts="aaaa")
    assert busy(play) == ["gw0"]


@pytest.mark.parametrize(
    "demand",
    [key("port"), BOTH, replace(host_key(), serial=True), replace(host_key(), group="x")],
    ids=["key of the session", "one of both", "serial", "group"],
)
def test_what_else_holds_for_the_session_still_does(demand: Demand) -> None:
    """Another key, ``serial`` and groups keep tests on one worker, whatever their other keys."""
    play = Play(chain(8, demand), 4, [1.0] * 8, hosts="aabb")
    assert len(busy(play)) == 1


def test_one_test_that_claims_it_for_the_session_makes_it_the_sessions() -> None:
    """Where such a suite is known from earlier runs, the stricter counts for all."""
    suite = suite_of([host_key()] * 7 + [key("port")], modules=range(8))
    assert suite.host_keys == frozenset()
    assert len(busy(Play(suite, 4, [1.0] * 8, hosts="aabb"))) == 1


def test_readers_and_writers_meet_on_different_hosts_only() -> None:
    """A writer on one host keeps readers away from there."""
    suite = suite_of([host_key()] + [host_key(mode=Mode.READ)] * 3, modules=range(4))
    play = Play(suite, 4, [9.0, 1.0, 1.0, 1.0], hosts="aabb")
    assert play.sent("gw0") == [0]
    assert busy(play) == ["gw0", "gw2", "gw3"]


def test_each_host_has_all_instances() -> None:
    """With a capacity of two, two workers of each host hold one each."""
    play = Play(chain(8, capacity=2), 6, [1.0] * 8, hosts="aaabbb")
    assert busy(play) == ["gw0", "gw1", "gw3", "gw4"]
    held = [play.instances(play.sent(name)[0])["port"] for name in busy(play)]
    assert held == [(0,), (1,), (0,), (1,)]


def test_a_host_that_comes_later_takes_its_part() -> None:
    """Of tests that wait, though nobody knew of it when they were cut."""
    other = Demand(claims=(*host_key().claims, Claim("second", scope=KeyScope.HOST)))
    play = Play(suite_of([host_key(), other]), 2, [1.0, 1.0], hosts="aab")
    assert busy(play) == ["gw0"]
    play.join("gw2", slot=2)
    assert busy(play) == ["gw0", "gw2"]


# How a chain is cut and shared


def chains(suite: Suite, workers: int, hosts: int, seconds: float = 1.0) -> list[int]:
    """How long the jobs are that ``suite`` is cut into, but for tests without marks."""
    plan = Plan(suite, Estimates(suite, [seconds] * len(suite)), workers, hosts)
    return sorted(len(job) for job in plan.jobs if job.lane is not plan.runs)


def test_a_chain_that_is_no_longer_than_the_run_stays_whole() -> None:
    """Its fixtures are then set up once."""
    suite = suite_of([host_key()] * 4 + [PLAIN] * 12, modules=range(16))
    assert chains(suite, workers=4, hosts=4) == [4]


def test_a_chain_is_cut_into_no_more_parts_than_it_needs() -> None:
    """Nine seconds in a run of six are two parts; in one of three, three; and never more."""
    suite = suite_of([host_key()] * 9 + [PLAIN] * 15, modules=range(24))
    assert chains(suite, workers=4, hosts=4) == [4, 5]
    assert chains(suite, workers=8, hosts=4) == [3, 3, 3]
    assert chains(suite, workers=24, hosts=2) == [4, 5]
    assert chains(suite, workers=24, hosts=1) == [9]


@pytest.mark.parametrize(("hosts", "joined"), [("ab", True), ("aa", False)])
def test_an_idle_worker_of_another_host_joins(hosts: str, joined: bool) -> None:
    """It takes the later part of a chain; one of the same host can't."""
    suite = suite_of([host_key()] * 8 + [PLAIN], modules=range(9))
    play = Play(suite, 2, hosts=hosts)
    assert play.sent("gw1") == [8]
    play.tell(Started("gw0", 0))
    finish(play, "gw1", 8)
    play.hungry("gw0")
    assert (len(play.sent("gw1")) > 1) is joined


# After a crash


def crash(play: Play, name: str, healthy: bool | None) -> None:
    """Let a worker die in its first test, and have what it held checked."""
    before = play.scheduler.isolated
    play.tell(Started(name, play.sent(name)[0]), WorkerLeft(name))
    for one in play.scheduler.isolated - before:
        play.tell(Checked(one.key, one.number, healthy, one.host))


def test_what_is_broken_on_one_host_is_used_on_the_other() -> None:
    """It is isolated where the worker died, and the tests that are left run elsewhere."""
    play = Play(chain(4), 2, [1.0] * 4, hosts="ab", checks=True)
    crash(play, "gw0", healthy=False)
    assert play.scheduler.isolated == {Instance("port", 0, "a")}
    assert not play.scheduler.given_up
    play.join("gw2", slot=0)
    assert play.sent("gw2") == []
    while play.scheduler.unfinished:
        play.tell(Started("gw1", test := play.sent("gw1")[-1]))
        play.hungry("gw1")
        play.tell(Finished("gw1", test, 1.0))
        if not isinstance(play.told[-1], Run):
            play.tell(Parked("gw1"))
    assert play.scheduler.finished


def test_what_is_broken_on_every_host_is_given_up() -> None:
    """The tests that need it are told as not run, with the key."""
    play = Play(chain(6), 2, [1.0] * 6, hosts="ab", checks=True)
    crash(play, "gw0", healthy=False)
    play.join("gw2", slot=0)
    crash(play, "gw1", healthy=False)
    assert set(play.scheduler.given_up.values()) == {"port"}
    assert play.scheduler.finished


def test_the_last_sound_host_is_waited_for_until_it_is_lost() -> None:
    """A worker may still come to it; when none will, its tests are given up."""
    play = Play(chain(6), 2, [1.0] * 6, hosts="ab", checks=True)
    crash(play, "gw0", healthy=False)
    play.join("gw2", slot=0)
    crash(play, "gw1", healthy=True)
    assert not play.scheduler.given_up
    play.tell(SlotLost(1))
    assert play.scheduler.given_up
    assert play.scheduler.finished


@pytest.mark.parametrize(("hosts", "given_up"), [("aab", {1: "port"}), ("aba", {})])
@pytest.mark.parametrize("flag", ["serial", "exclusive"])
def test_tests_of_the_dedicated_worker_go_by_its_host(
    flag: str, hosts: str, given_up: dict[int, str]
) -> None:
    """What is broken there can't be had elsewhere by tests that must run there."""
    marked = Demand(host_key().claims, serial=flag == "serial", exclusive=flag == "exclusive")
    play = Play(chain(2, marked), 3, [1.0] * 2, hosts=hosts, checks=True)
    crash(play, "gw0", healthy=False)
    assert play.scheduler.given_up == given_up
    assert play.sent("gw1") == [test for test in [1] if not given_up]


def test_a_group_goes_by_the_host_of_its_worker() -> None:
    """Its tests that can't run there any more are given up, though others could run them."""
    member = replace(host_key(), group="x")
    suite = suite_of([member, member, group("x")], modules=range(3))
    play = Play(suite, 3, [1.0] * 3, hosts="aab", checks=True)
    assert play.sent("gw0") == [0]
    crash(play, "gw0", healthy=False)
    assert play.sent("gw1") == [2]
    assert play.scheduler.given_up == {1: "port"}


# The floor


def floor(demands: list[Demand], seconds: list[float], workers: int, hosts: int) -> Floor:
    suite = suite_of(demands, modules=range(len(demands)))
    setups = Setups(suite)
    return floor_of(suite, range(len(suite)), seconds.__getitem__, setups, workers, hosts)


def test_hosts_share_a_chain_in_the_floor() -> None:
    """Eight seconds of a key per host take four on two hosts, and its name says how many."""
    found = floor([host_key()] * 8, [1.0] * 8, 4, 2)
    assert found.total_s == pytest.approx(4.0)
    assert (found.limit.kind, found.limit.name, found.limit.hosts) == ("key", "port", 2)
    assert floor([host_key()] * 8, [1.0] * 8, 4, 1).total_s == pytest.approx(8.0)
    assert floor([key()] * 8, [1.0] * 8, 4, 2).total_s == pytest.approx(8.0)


def test_three_tests_on_two_hosts_are_two_on_one_of_them() -> None:
    """A chain can't be shared more evenly than its tests allow."""
    assert floor([host_key()] * 3, [5.0, 4.0, 3.0], 6, 2).total_s == pytest.approx(7.0)


def test_no_more_hosts_than_workers_count() -> None:
    """Nobody is on the others."""
    assert floor([host_key()] * 4, [1.0] * 4, 2, 10).total_s == pytest.approx(2.0)


def test_readers_that_meet_on_different_hosts_do_not_add_up() -> None:
    """Readers of a key of the session that write one per host can run side by side."""
    reader = Demand(claims=(Claim("db", Mode.READ), Claim("port", scope=KeyScope.HOST)))
    assert floor([key(), reader, reader], [1.0, 3.0, 3.0], 4, 1).total_s == pytest.approx(7.0)
    assert floor([key(), reader, reader], [1.0, 3.0, 3.0], 4, 2).total_s == pytest.approx(4.0)


def test_serial_and_no_parallel_tests_are_the_sessions() -> None:
    """Hosts make no difference to them."""
    for demands in ([SERIAL] * 4, [ALONE] * 4):
        assert floor(demands, [1.0] * 4, 4, 4).total_s == pytest.approx(4.0)
