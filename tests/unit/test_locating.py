"""The search of ``markersteal locate``, on a project that is simulated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from traces import Ran as Was
from traces import trace_of

from pytest_markersteal.core.suite import Claim, Demand, KeyScope, Mode
from pytest_markersteal.races.locate.accounts import account, kept_apart
from pytest_markersteal.races.locate.case import Bond, Case
from pytest_markersteal.races.locate.lineups import Way, beside
from pytest_markersteal.races.locate.locating import Locating
from pytest_markersteal.races.locate.oracle import Oracle, OutOfTrialsError, Symptom
from pytest_markersteal.races.locate.reproducing import without_paths
from pytest_markersteal.races.trials.model import Ran, Round, TestResult, Trial
from pytest_markersteal.trace.model import Trace

VICTIM = "v"
FAILED = TestResult("failed", "call", "boom")
ERROR = TestResult("error", "setup", "no")
PASSED = TestResult("passed", "call")

Fares = Callable[[list[str], list[str]], TestResult]
"""How the victim fares after these tests, and beside those."""


class Simulated:
    """Stands in for ``Trials``: what becomes of the victim follows from a rule."""

    def __init__(self, fares: Fares) -> None:
        self._fares = fares
        self.ran: list[Trial] = []

    def run(self, trial: Trial) -> Ran:
        self.ran.append(trial)
        before: list[str] = []
        others: list[str] = []
        for slot in trial.slots:
            if VICTIM in slot:
                before += slot[: slot.index(VICTIM)]
            else:
                others += slot
        results = {test: TestResult("passed", "call", duration_s=1.0) for test in before + others}
        results[VICTIM] = self._fares(before, others)
        return Ran([Round(results, 0)], 1.0, None, Path())

    def discard(self, ran: Ran) -> None:
        pass


def searched(
    fares: Fares, *traces: Trace, tests: int = 40, most: int = 300
) -> tuple[Case, Simulated]:
    """The case of a victim among ``tests`` others, t0, t1, ..., when the search is over."""
    simulated = Simulated(fares)
    collected = [*(f"t{number}" for number in range(tests)), VICTIM]
    # It has what the oracle needs of trials.
    oracle = Oracle(simulated, VICTIM, collected, most)  # type: ignore[arg-type]
    locating = Locating(oracle, traces)
    locating.run()
    return locating.case, simulated


def fails_if(condition: bool, how: TestResult = FAILED) -> TestResult:
    return how if condition else PASSED


def test_one_polluter() -> None:
    """It is found, by about as many trials as there are halvings, and confirmed three times."""
    case, simulated = searched(lambda before, beside: fails_if("t23" in before))

    (located,) = case.found
    assert (located.bond, located.culprits) == (Bond.AFTER, ("t23",))
    assert (located.together, located.alone) == ((3, 3), (0, 3))
    assert located.result == FAILED
    # Alone, after all, the bisection, after all but it, with it, and alone again.
    assert len(simulated.ran) <= 1 + 1 + 7 + 1 + 3 + 1 + 2


def test_each_set_that_suffices() -> None:
    """Two tests that break it each by itself are two finds."""
    case, _ = searched(lambda before, beside: fails_if(not {"t3", "t30"}.isdisjoint(before)))

    assert [located.culprits for located in case.found] == [("t3",), ("t30",)]


def test_another_failure_is_not_the_same() -> None:
    """The search follows the failure that was seen first, and no other."""

    def fares(before: list[str], beside: list[str]) -> TestResult:
        if {"t5", "t6"} <= set(before):
            return ERROR
        return fails_if("t6" in before)

    case, _ = searched(fares)

    assert case.found[0].culprits == ("t5", "t6")
    assert case.found[0].symptom == Symptom("error", "setup")


@pytest.mark.parametrize("outcome", ["hung", "crashed"])
def test_a_process_that_ends(outcome: str) -> None:
    """It is the same failure, whatever phase the test was in, as far as that is known."""
    phases = iter(["", "crash"] * 100)

    def fares(before: list[str], beside: list[str]) -> TestResult:
        return fails_if("t9" in before, TestResult(outcome, next(phases)))

    case, _ = searched(fares)

    assert case.found[0].culprits == ("t9",)


def test_a_polluter_that_sometimes_pollutes() -> None:
    """If it does not show each time, more trials are asked, and the counts are told."""
    turns = iter(range(10_000))

    def fares(before: list[str], beside: list[str]) -> TestResult:
        return fails_if("t9" in before and next(turns) % 3 != 2)

    case, _ = searched(fares)

    (located,) = case.found
    assert located.culprits == ("t9",)
    assert located.together.shown == 3
    assert located.together.trials > 3


def test_a_victim_that_is_flaky_by_itself() -> None:
    """It is told as such, and nobody is accused."""
    turns = iter(range(10_000))

    case, _ = searched(lambda before, beside: fails_if(next(turns) % 2 == 1))

    (located,) = case.found
    assert (located.bond, located.culprits) == (Bond.ITSELF, ())
    assert 0 < located.alone.shown < located.alone.trials


def test_what_a_failure_leaves_in_a_file_for_one_run() -> None:
    """A victim that removes it when it fails over it is not taken for flaky."""
    left: list[str] = []

    def fares(before: list[str], beside: list[str]) -> TestResult:
        failed = bool(left) or "t9" in before
        left[:] = before if "t9" in before else []
        return fails_if(failed)

    case, _ = searched(fares, tests=10)

    assert [located.bond for located in case.found] == [Bond.AFTER]


def test_what_stays_in_a_file() -> None:
    """Where a victim fails from then on, whatever runs before it, that is what is told."""
    left: list[str] = []

    def fares(before: list[str], beside: list[str]) -> TestResult:
        left.extend(test for test in before if test == "t9")
        return fails_if(bool(left))

    case, _ = searched(fares, tests=10)

    assert not case.found
    assert case.tried[-1].startswith("it passed alone at first, and fails alone since")


def test_what_it_needs() -> None:
    """Of a victim that fails alone, those are found after which it passes."""
    case, _ = searched(lambda before, beside: fails_if(not {"t2", "t20"} <= set(before)))

    (located,) = case.found
    assert (located.bond, located.culprits) == (Bond.NEEDS, ("t2", "t20"))
    assert (located.together, located.alone) == ((3, 3), (3, 3))
    assert located.result == FAILED


def test_a_trace_says_where_to_look() -> None:
    """Tests of the victim's process are asked first: here one that is collected behind it."""
    trace = trace_of(
        Was(0, 1, 2, name="t8"),
        Was(1, 1, 2, name="t1"),
        Was(0, 2, 3, name="t7"),
        Was(0, 3, 4, name=VICTIM, outcome="failed"),
        Was(0, 5, 6, name="t2"),
    )
    case, simulated = searched(lambda before, beside: fails_if("t8" in before), trace)

    assert case.found[0].culprits == ("t8",)
    assert case.found[0].seen is not None
    assert list(simulated.ran[1].slots) == [["t8", "t7", VICTIM]]
    assert not any("t1" in slot for trial in simulated.ran for slot in trial.slots)


def test_one_that_it_met_in_a_trace() -> None:
    """Tests that overlapped are tried beside it, on the slots on which they ran."""
    trace = trace_of(
        Was(0, 1, 4, name=VICTIM, outcome="failed"),
        Was(1, 1, 2, name="t1"),
        Was(1, 2, 3, name="t2"),
        Was(1, 5, 6, name="t3"),
    )
    case, simulated = searched(lambda before, beside: fails_if("t2" in beside), trace)

    (located,) = case.found
    assert (located.bond, located.culprits) == (Bond.BESIDE, ("t2",))
    assert list(located.trial.slots) == [[VICTIM], ["t2"]]
    assert not any("t3" in slot for trial in simulated.ran for slot in trial.slots)


def test_what_another_process_left_for_it() -> None:
    """A test that ran earlier in another process, and left a file, need not overlap."""
    trace = trace_of(
        Was(1, 1, 2, name="t1"),
        Was(0, 3, 4, name=VICTIM, outcome="failed"),
        Was(1, 3, 4, name="t2"),
    )
    case, _ = searched(lambda before, beside: fails_if("t1" in before + beside), trace)

    (located,) = case.found
    assert (located.bond, located.culprits) == (Bond.AFTER, ("t1",))
    assert list(located.trial.slots) == [["t1", VICTIM]]


def test_a_pair_from_scratch() -> None:
    """Without any trace, it meets all others, and the one that breaks it is found."""
    case, _ = searched(lambda before, beside: fails_if("t31" in beside))

    (located,) = case.found
    assert (located.bond, located.culprits) == (Bond.BESIDE, ("t31",))


def test_a_polluter_whose_traces_others_remove() -> None:
    """Where others undo it in every order of all tests, each test alone before it shows it."""

    def fares(before: list[str], beside: list[str]) -> TestResult:
        return fails_if(before == ["t17"])

    case, _ = searched(fares)

    assert [located.culprits for located in case.found] == [("t17",)]


def test_nothing_to_be_found() -> None:
    """A victim that never fails is told so, with what was tried."""
    case, _ = searched(lambda before, beside: PASSED, tests=4)

    assert not case.found
    assert case.tried[0] == "it passes after the tests that are collected before it"
    assert case.tried[-1] == "it passes beside each of 4 other tests"


def test_too_few_trials() -> None:
    """What is known then stays known: some tests with which it fails."""
    simulated = Simulated(lambda before, beside: fails_if("t13" in before))
    collected = [*(f"t{number}" for number in range(40)), VICTIM]
    # It has what the oracle needs of trials.
    oracle = Oracle(simulated, VICTIM, collected, 4)  # type: ignore[arg-type]
    locating = Locating(oracle, [])

    with pytest.raises(OutOfTrialsError):
        locating.run()

    assert len(simulated.ran) == 4
    assert "t13" in locating.case.narrowed
    assert len(locating.case.narrowed) == 20


def test_a_trial_is_ended_when_it_takes_far_too_long() -> None:
    """The limit follows from what its tests are known to take."""
    _, simulated = searched(lambda before, beside: fails_if("t1" in before), tests=3)

    # A start of no time, and 60 s for what was never seen; then a second each, tenfold.
    alone, _, *later = [trial.limit_s for trial in simulated.ran]
    assert alone == 30 + 60
    assert later[0] is not None
    assert later[0] <= 30 + 10 * 3 + 60


WRITE = Demand((Claim("db"),))
READ = Demand((Claim("db", Mode.READ),))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (Demand(), Demand(), False),
        (Demand(exclusive=True), Demand(), True),
        (Demand(serial=True), Demand(serial=True), True),
        (Demand(serial=True), Demand(), False),
        (Demand(group="g"), Demand(group="g"), True),
        (WRITE, READ, True),
        (READ, READ, False),
        (WRITE, Demand((Claim("other"),)), False),
    ],
)
def test_what_marks_keep_apart(one: Demand, other: Demand, apart: bool) -> None:
    """Tests that can't overlap in any run are not made to."""
    trace = trace_of(Was(0, 1, 2, one, name=VICTIM), Was(1, 1, 2, other, name="t"))

    assert kept_apart(trace, VICTIM) == ({"t"} if apart else set())


@pytest.mark.parametrize(("hosts", "apart"), [("ab", set()), ("aa", {"t"})])
def test_a_key_per_host_keeps_apart_on_one_host(hosts: str, apart: set[str]) -> None:
    """On several, two tests may overlap."""
    port = Demand((Claim("port", scope=KeyScope.HOST),))
    ran = Was(0, 1, 2, port, name=VICTIM), Was(1, 1, 2, port, name="t")

    assert kept_apart(trace_of(*ran, hosts=hosts), VICTIM) == apart


def test_units_of_a_key() -> None:
    """Two tests may overlap where there are enough units for both."""
    trace = trace_of(
        Was(0, 1, 2, WRITE, name=VICTIM), Was(1, 1, 2, WRITE, name="t"), capacities={"db": 2}
    )

    assert kept_apart(trace, VICTIM) == set()


def test_an_account_of_a_replaced_worker() -> None:
    """What ran on the same slot, but in a process that died, was not before it in its process."""
    trace = trace_of(
        Was(0, 1, 2, name="t1", outcome="crashed"),
        Was(1, 3, 6, name="t2"),
        Was(2, 3, 4, name="t3"),
        Was(2, 4, 5, name=VICTIM, outcome="error"),
        workers=3,
    )

    own = account(trace, VICTIM, {"t1", "t2", "t3", VICTIM})

    assert own is not None
    assert own.was_bad
    assert (own.before, own.beside) == (("t3",), ("t2",))
    assert set(own.around) == {"t1", "t2", "t3"}


def test_ways_to_meet() -> None:
    """Either begins before the other, or both together; nobody waits for the victim's end."""
    groups = [["a", "b"], ["c"]]
    for way, begins_later in (
        (Way.TOGETHER, {"a": False, VICTIM: False}),
        (Way.VICTIM_FIRST, {"a": True, VICTIM: False}),
        (Way.VICTIM_LAST, {"a": False, VICTIM: True}),
    ):
        trial = beside(groups, VICTIM, way)
        assert list(trial.slots) == [[VICTIM], *groups]
        assert {test: trial.times[test][0] > 0 for test in begins_later} == begins_later
        assert trial.times["b"][0] >= trial.times["a"][1]
        assert trial.times[VICTIM][1] >= max(until_s for _, until_s in trial.times.values())


def test_arguments_without_paths(tmp_path: Path) -> None:
    """Where tests are named, folders among the user's arguments would let all others run too."""
    (tmp_path / "tests").mkdir()

    arguments = ["-p", "no:cov", "tests", "tests::test_a", "--strict-markers", "-k", "not slow"]

    assert without_paths(tmp_path, arguments) == [
        *("-p", "no:cov", "--strict-markers", "-k", "not slow")
    ]
