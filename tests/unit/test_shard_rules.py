"""How a suite is split: what stays whole, what is spread, and what nothing depends on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from builders import ALONE, PLAIN, SERIAL, group, key, suite_of

from pytest_markersteal.core.bundles import bundles_of
from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.floor import floor_of
from pytest_markersteal.core.shard_floor import ShardFloor, shard_floor_of
from pytest_markersteal.core.shards import split
from pytest_markersteal.core.suite import Claim, Demand, Mode, Suite


def shards_of(
    suite: Suite,
    seconds: Sequence[float] | None,
    shards: int,
    setups_s: dict[int, float] | None = None,
) -> list[list[int]]:
    """The tests of each shard."""
    known_s = {("module", module): s for module, s in (setups_s or {}).items()}
    shard_of = split(suite, Estimates(suite, seconds, known_s), shards)
    return [[t for t in range(len(suite)) if shard_of[t] == shard] for shard in range(shards)]


def times_of(shards: list[list[int]], seconds: Sequence[float]) -> list[float]:
    return [sum(seconds[test] for test in tests) for tests in shards]


def together(shards: list[list[int]], tests: set[int]) -> bool:
    return any(tests <= set(members) for members in shards)


def test_nothing_known_is_split_by_number() -> None:
    """Without durations all tests count as equal."""
    shards = shards_of(suite_of([PLAIN] * 100), None, 3)
    assert sorted(map(len, shards)) == [33, 33, 34]


def test_tests_that_take_nothing_are_split_by_number() -> None:
    """Durations of zero are no reason to put all tests into one shard."""
    shards = shards_of(suite_of([PLAIN] * 100), [0.0] * 100, 4)
    assert [len(tests) for tests in shards] == [25] * 4


@pytest.mark.parametrize("count", [0, 1, 3])
def test_more_shards_than_tests(count: int) -> None:
    """Each test is in a shard of its own, and the other shards are empty."""
    shards = shards_of(suite_of([PLAIN] * count), [1.0] * count, 7)
    assert sorted(map(len, shards), reverse=True) == [1] * count + [0] * (7 - count)


def test_one_shard_has_everything() -> None:
    """1/1 is the whole suite."""
    assert shards_of(suite_of([PLAIN, ALONE, SERIAL]), None, 1) == [[0, 1, 2]]


def test_work_is_split_by_time() -> None:
    """One long test takes as long as many short ones."""
    seconds = [10.0] + [0.1] * 100
    shards = shards_of(suite_of([PLAIN] * 101), seconds, 2)
    assert times_of(shards, seconds) == pytest.approx([10.0, 10.0], rel=0.01)


def test_at_most_one_module_is_cut_between_two_shards() -> None:
    """Neighbours stay neighbours: what is not long and shares nothing is cut in order."""
    modules = [test // 10 for test in range(200)]
    shards = shards_of(suite_of([PLAIN] * 200, modules), [0.1] * 200, 4)
    cut = [m for m in range(20) if not together(shards, set(range(10 * m, 10 * m + 10)))]
    assert len(cut) <= 3
    assert [len(tests) for tests in shards] == [50] * 4


@pytest.mark.parametrize(
    "demand",
    [key(), SERIAL, group("x"), Demand(exclusive=True, group="x"), Demand((), True, True, None)],
    ids=["key", "serial", "group", "alone in a group", "alone and serial"],
)
def test_chains_stay_whole(demand: Demand) -> None:
    """All that one worker would have to run one after another is in one shard."""
    suite = suite_of([demand if test % 5 == 0 else PLAIN for test in range(100)])
    shards = shards_of(suite, [1.0] * 100, 4)
    assert together(shards, set(range(0, 100, 5)))
    assert [len(tests) for tests in shards] == [25] * 4


def test_a_chain_longer_than_a_shard_stays_whole() -> None:
    """The other shards share what is left."""
    suite = suite_of([key()] * 60 + [PLAIN] * 40)
    shards = shards_of(suite, [1.0] * 100, 5)
    assert sorted(map(len, shards)) == [10, 10, 10, 10, 60]
    assert together(shards, set(range(60)))


def test_tests_of_two_keys_join_them() -> None:
    """Who writes two keys must meet neither's other writers, so all are together."""
    both = Demand((Claim("cache"), Claim("db")))
    suite = suite_of([key("db"), key("cache"), both, key("mail"), PLAIN])
    assert bundles_of(suite) == [[0, 1, 2]]


def test_what_several_workers_could_hold_is_no_bundle() -> None:
    """Readers, and keys with room for two, are spread over shards as over workers."""
    readers = [key(mode=Mode.READ)] * 3
    pooled = [key("pool", units=1)] * 3
    suite = suite_of([*readers, *pooled, key("pool", units=2)], capacities={"pool": 3})
    assert bundles_of(suite) == []
    greedy = suite_of([key("pool", units=2)] * 2, capacities={"pool": 3})
    assert bundles_of(greedy) == [[0, 1]]


def test_no_parallel_time_and_the_other_are_spread_each_by_itself() -> None:
    """So the shards are equally long for any number of workers."""
    demands = [ALONE if test % 5 == 0 else PLAIN for test in range(400)]
    shards = shards_of(suite_of(demands), [0.1] * 400, 4)
    kinds = [Counter(demands[test] is ALONE for test in tests) for tests in shards]
    assert kinds == [Counter({False: 80, True: 20})] * 4


def test_a_long_test_alone_is_made_up_for() -> None:
    """The shard with the one long no_parallel test has less of everything else."""
    seconds = [4.0] + [0.1] * 360
    shards = shards_of(suite_of([ALONE] + [PLAIN] * 360), seconds, 4)
    assert len(next(tests for tests in shards if 0 in tests)) < 75


def test_modules_with_dear_set_ups_stay_whole() -> None:
    """However their tests would have to be cut for shards to be equal."""
    modules = [test // 10 for test in range(120)]
    setups_s = dict.fromkeys(range(0, 12, 2), 2.0)
    shards = shards_of(suite_of([PLAIN] * 120, modules), [0.3] * 120, 3, setups_s)
    for module in setups_s:
        assert together(shards, set(range(10 * module, 10 * module + 10)))


def test_a_dear_module_longer_than_a_shard_is_cut() -> None:
    """Where all work is in one module, its set-up is paid in each shard."""
    shards = shards_of(suite_of([PLAIN] * 200), [0.5] * 200, 4, {0: 2.0})
    assert [len(tests) for tests in shards] == [50] * 4


def test_new_tests_are_split_by_their_neighbours() -> None:
    """A test without durations takes what its module takes, in every job."""
    modules = [0] * 50 + [1] * 50
    seconds = [1.0] * 50 + [3.0] * 49 + [-1.0]
    shards = shards_of(suite_of([PLAIN] * 100, modules), seconds, 2)
    assert times_of(shards, [1.0] * 50 + [3.0] * 50) == pytest.approx([100, 100], abs=3)


def test_very_many_shards() -> None:
    """A wrong but possible number ends at once."""
    shard_of = split(suite_of([PLAIN] * 3), Estimates(suite_of([PLAIN] * 3)), 10**9)
    assert len(set(shard_of)) == 3


def bound(
    suite: Suite, seconds: list[float], shards: int, workers: int, setup_s: float = 0.0
) -> ShardFloor:
    setups = Estimates(suite, seconds, {("module", 0): setup_s}).setups
    return shard_floor_of(suite, seconds.__getitem__, setups, shards, workers)


def test_the_least_time_of_the_slowest_shard_is_its_work() -> None:
    """All work over all workers of all shards."""
    assert bound(suite_of([PLAIN] * 40), [1.0] * 40, 2, 4) == (pytest.approx(5.0), False)


def test_no_parallel_time_holds_all_workers_of_a_shard() -> None:
    """Eight seconds alone and forty beside, on two shards of four workers."""
    suite = suite_of([ALONE] * 8 + [PLAIN] * 40)
    assert bound(suite, [1.0] * 48, 2, 4).total_s == pytest.approx((8 + 40 / 4) / 2)
    assert bound(suite, [1.0] * 48, 2, 1).total_s == pytest.approx(24.0)


def test_set_ups_are_paid_where_a_module_is_spread() -> None:
    """Ten seconds of a module with a set-up of one, in two shards: six in each."""
    assert bound(suite_of([PLAIN] * 100), [0.1] * 100, 2, 1, 1.0).total_s == pytest.approx(
        6.0, abs=0.01
    )


def test_more_long_tests_than_workers() -> None:
    """Of five long tests, one of four workers runs two; of three alone, one shard does."""
    assert bound(suite_of([PLAIN] * 5), [3.0] * 5, 2, 2).total_s == pytest.approx(6.0)
    assert bound(suite_of([ALONE] * 3), [3.0] * 3, 2, 2).total_s == pytest.approx(6.0)


def test_a_chain_that_forbids_more_is_told() -> None:
    """A bundle that takes longer than all else would allow holds the floor up."""
    suite = suite_of([key()] * 10 + [PLAIN] * 10)
    assert bound(suite, [1.0] * 20, 4, 1) == (pytest.approx(10.0), True)
    assert bound(suite, [1.0] * 20, 2, 1) == (pytest.approx(10.0), False)


def test_a_bundle_is_never_faster_than_its_floor() -> None:
    """With more workers than chains, the bundle takes its longest chain."""
    both = Demand((Claim("cache"), Claim("db")))
    suite = suite_of([key("cache")] * 4 + [both] + [key("db")] * 3)
    found = bound(suite, [1.0] * 8, 4, 2)
    alone = floor_of(suite, range(8), lambda _: 1.0, Estimates(suite).setups, 2)
    assert found == (pytest.approx(alone.total_s), True)


def test_a_bundle_need_not_set_up_a_module_that_it_shares() -> None:
    """A plain test may set it up while others run, and so not within the time of the bundle."""
    alone = Demand((Claim("db"),), exclusive=True)
    demands = [alone, alone, PLAIN, *[key("db")] * 10]
    least = bound(suite_of(demands, [0] * 3 + [1] * 10), [1.0] * 13, 1, 2, 4.0)
    assert least == (pytest.approx(2 + 10), True)
