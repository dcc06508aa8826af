"""Generated workloads, each with one difficulty of real suites; deterministic by seed."""

from __future__ import annotations

import random
from collections.abc import Callable

from pytest_markersteal.core.suite import Claim, Demand, Mode
from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.workloads import PLAIN, Workload, workload_of


class _Draft:
    """A workload while it is written."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        # Not hash(): a string's hash differs from process to process.
        self.random = random.Random(f"{name} {seed}")
        self._seconds: dict[str, float] = {}
        self._demands: dict[str, Demand] = {}
        self._fixtures_s: dict[Fixture, float] = {}
        self.capacities: dict[str, int] = {}

    def test(self, file: str, name: str, seconds: float, demand: Demand = PLAIN) -> None:
        """Add a test; ``name`` may begin with a class."""
        node_id = f"{file}::{name}"
        self._seconds[node_id] = seconds
        self._demands[node_id] = demand

    def fixture(self, scope: str, node: str, seconds: float) -> None:
        """Let the tests of ``node`` share something that takes ``seconds`` to set up."""
        self._fixtures_s[Fixture(scope, node, "shared")] = seconds

    def module(self, number: int) -> str:
        """The file of a module; ten of them are a package."""
        return f"tests/p{number // 10:02}/test_{number:03}.py"

    def finish(self) -> Workload:
        return workload_of(
            self.name, self._seconds, self._fixtures_s, self._demands, self.capacities
        )


def uniform(seed: int) -> Workload:
    """1,000 tests of about 0.2 s in 20 modules."""
    draft = _Draft("uniform", seed)
    for number in range(1000):
        draft.test(draft.module(number // 50), f"test_{number}", draft.random.uniform(0.16, 0.24))
    return draft.finish()


def heavy_tail(seed: int) -> Workload:
    """1,500 tests, log-normal: half of them below 50 ms, some of several seconds."""
    draft = _Draft("heavy tail", seed)
    for number in range(1500):
        seconds = draft.random.lognormvariate(-3.0, 1.5)
        draft.test(draft.module(number // 30), f"test_{number}", seconds)
    return draft.finish()


def slow_last(seed: int) -> Workload:
    """500 tests of 0.1 s, then a module of ten tests of 3 to 6 s."""
    draft = _Draft("slow last", seed)
    for number in range(500):
        draft.test(draft.module(number // 25), f"test_{number}", draft.random.uniform(0.05, 0.15))
    for number in range(10):
        draft.test(draft.module(90), f"test_slow_{number}", draft.random.uniform(3, 6))
    return draft.finish()


def hot_key(seed: int) -> Workload:
    """1,000 tests of 0.1 s, of which one in eight, all over the suite, shares a database."""
    draft = _Draft("one hot key", seed)
    database = Demand((Claim("db"),))
    for number in range(1000):
        demand = database if draft.random.random() < 1 / 8 else PLAIN
        seconds = draft.random.uniform(0.05, 0.15)
        draft.test(draft.module(number // 40), f"test_{number}", seconds, demand)
    return draft.finish()


def many_keys(seed: int) -> Workload:
    """1,200 tests, half of them with one of 40 keys, the first keys much more often."""
    draft = _Draft("many keys", seed)
    keys = [Demand((Claim(f"key{number:02}"),)) for number in range(40)]
    weights = [1 / (rank + 3) for rank in range(len(keys))]
    for number in range(1200):
        keyed = draft.random.random() < 0.5
        demand = draft.random.choices(keys, weights)[0] if keyed else PLAIN
        seconds = draft.random.lognormvariate(-2.3, 0.7)
        draft.test(draft.module(number // 40), f"test_{number}", seconds, demand)
    return draft.finish()


def multi_key(seed: int) -> Workload:
    """2,000 tests; one in eight needs one to three of 30 keys, to write or to read, or units."""
    draft = _Draft("multi-key", seed)
    draft.capacities["pool"] = 4
    for number in range(2000):
        demand = PLAIN
        if draft.random.random() < 0.125:
            claims = [
                Claim(f"key{key:02}", Mode.READ if draft.random.random() < 0.4 else Mode.WRITE)
                for key in sorted(draft.random.sample(range(30), draft.random.choice([1, 1, 2, 3])))
            ]
            if draft.random.random() < 0.2:
                claims.append(Claim("pool", units=draft.random.choice([1, 1, 2])))
            demand = Demand(tuple(claims))
        seconds = draft.random.uniform(0.05, 0.35)
        draft.test(draft.module(number // 40), f"test_{number}", seconds, demand)
    return draft.finish()


def alone(seed: int) -> Workload:
    """1,000 tests of 0.1 s, of which one in ten must run alone."""
    draft = _Draft("10 % no_parallel", seed)
    for number in range(1000):
        demand = Demand(exclusive=True) if draft.random.random() < 0.1 else PLAIN
        seconds = draft.random.uniform(0.05, 0.15)
        draft.test(draft.module(number // 40), f"test_{number}", seconds, demand)
    return draft.finish()


def fixture_heavy(seed: int) -> Workload:
    """150 modules, which take 0.2 to 2 s to set up, with 10 to 40 tests of about 0.25 s."""
    draft = _Draft("fixture-heavy", seed)
    for module in range(150):
        file = draft.module(module)
        draft.fixture("module", file, draft.random.uniform(0.2, 2))
        classes = draft.random.randint(0, 3)
        for number in range(classes):
            draft.fixture("class", f"{file}::Test{number}", draft.random.uniform(0.1, 0.5))
        for number in range(draft.random.randint(10, 40)):
            holder = f"Test{number * classes // 40}::" if classes else ""
            seconds = draft.random.uniform(0.05, 0.45)
            draft.test(file, f"{holder}test_{number:02}", seconds)
    return draft.finish()


def tiny(seed: int) -> Workload:
    """10,000 tests of 2 to 10 ms."""
    draft = _Draft("tiny tests", seed)
    for number in range(10_000):
        seconds = draft.random.uniform(0.002, 0.010)
        draft.test(draft.module(number // 100), f"test_{number}", seconds)
    return draft.finish()


def mixed(seed: int) -> Workload:
    """1,500 tests in 75 modules, with something of everything; modules are marked as a whole."""
    draft = _Draft("mixed", seed)
    demands = [
        PLAIN,
        Demand((Claim("db"),)),
        Demand((Claim("cache", Mode.READ),)),
        Demand((Claim("cache"),)),
        Demand((Claim("cache"), Claim("mail"))),
        Demand(serial=True),
        Demand(exclusive=True),
        Demand(group="slow"),
    ]
    weights = [56, 4, 4, 2, 2, 3, 1, 3]
    # In every seed alike, so that no seed lacks a kind.
    kinds = [demand for demand, weight in zip(demands, weights, strict=True) for _ in range(weight)]
    draft.random.shuffle(kinds)
    for module, demand in enumerate(kinds):
        if module % 3 == 0:
            draft.fixture("module", draft.module(module), draft.random.uniform(0.1, 1.5))
        for number in range(20):
            seconds = draft.random.lognormvariate(-2.5, 1.0)
            draft.test(draft.module(module), f"test_{number:02}", seconds, demand)
    return draft.finish()


GENERATORS: dict[str, Callable[[int], Workload]] = {
    "uniform": uniform,
    "heavy-tail": heavy_tail,
    "slow-last": slow_last,
    "hot-key": hot_key,
    "many-keys": many_keys,
    "multi-key": multi_key,
    "no-parallel": alone,
    "fixture-heavy": fixture_heavy,
    "tiny": tiny,
    "mixed": mixed,
}
"""By the name under which the command line knows them."""
