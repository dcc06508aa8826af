"""What the simulator says of a run is what a real run takes.

The tests sleep, so that they need no processor of their own; and each suite runs while nothing else
does, so that whoever shares the machine disturbs it little.
"""

from __future__ import annotations

import math
import random
import re
import statistics
import time
from dataclasses import dataclass, field

import execnet
import pytest

from pytest_markersteal.core.suite import Claim, Demand
from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.workloads import PLAIN, Workload, workload_of

pytestmark = pytest.mark.no_parallel

WORKERS = 4
AGREES_WITHIN = 0.05
ATTEMPTS = 3
"""Others on the machine may disturb a run, or the measurement of the machine."""
SPEED = re.compile(r"tests on \d+ workers? in ([\d.]+) s;")

MARKS = {
    PLAIN: "",
    Demand((Claim("db"),)): "@pytest.mark.shared_resource('db')",
    Demand(exclusive=True): "@pytest.mark.no_parallel",
}


@dataclass
class Sleepers:
    """A suite of sleeping tests, to be written to files and to be simulated."""

    name: str
    slept_s: dict[str, float] = field(default_factory=dict)
    demands: dict[str, Demand] = field(default_factory=dict)
    setups_s: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.name)

    def add(self, module: int, seconds: float, demand: Demand = PLAIN) -> None:
        node_id = f"test_{module:02}.py::test_{len(self.slept_s):03}"
        self.slept_s[node_id] = round(seconds, 4)
        self.demands[node_id] = demand

    def write(self, lab) -> None:
        (lab.path / "conftest.py").write_text("")
        sources: dict[str, list[str]] = {}
        for node_id, seconds in self.slept_s.items():
            file, _, name = node_id.partition("::")
            source = sources.setdefault(file, ["import pytest, time"])
            if len(source) == 1 and file in self.setups_s:
                source.append("@pytest.fixture(scope='module', autouse=True)")
                source.append(f"def shared(): time.sleep({self.setups_s[file]})")
            source.append(MARKS[self.demands[node_id]])
            source.append(f"def {name}(): time.sleep({seconds})")
        for file, source in sources.items():
            (lab.path / file).write_text("\n".join(source) + "\n")

    def workload(self) -> Workload:
        fixtures_s = {Fixture("module", file, "shared"): s for file, s in self.setups_s.items()}
        return workload_of(self.name, self.slept_s, fixtures_s, self.demands)


def uniform() -> Sleepers:
    suite = Sleepers("uniform")
    for number in range(80):
        suite.add(number // 20, suite.random.uniform(0.08, 0.12))
    return suite


def heavy_tail() -> Sleepers:
    suite = Sleepers("heavy tail")
    for number in range(80):
        suite.add(number // 10, min(1.5, suite.random.lognormvariate(-3.0, 1.2)))
    return suite


def slow_last() -> Sleepers:
    suite = Sleepers("slow last")
    for number in range(60):
        suite.add(number // 15, suite.random.uniform(0.03, 0.07))
    for _ in range(4):
        suite.add(9, suite.random.uniform(0.9, 1.5))
    return suite


def key_chain() -> Sleepers:
    suite = Sleepers("key chain")
    for number in range(80):
        demand = Demand((Claim("db"),)) if number % 3 == 0 else PLAIN
        suite.add(number // 20, suite.random.uniform(0.06, 0.1), demand)
    return suite


def fixture_heavy() -> Sleepers:
    suite = Sleepers("fixture-heavy")
    for module in range(8):
        suite.setups_s[f"test_{module:02}.py"] = round(suite.random.uniform(0.2, 0.4), 4)
        for _ in range(8):
            suite.add(module, suite.random.uniform(0.05, 0.11))
    return suite


def alone() -> Sleepers:
    suite = Sleepers("no_parallel")
    for number in range(70):
        suite.add(
            number // 14,
            suite.random.uniform(0.06, 0.1),
            Demand(exclusive=True) if number % 7 == 0 else PLAIN,
        )
    return suite


class Machine:
    """What this machine takes, beside the tests, when nothing disturbs it."""

    def __init__(self, lab) -> None:
        self.message_delay_s = message_delay_s()
        self.overhead_s = math.inf
        self._lab = lab
        self._equal = Sleepers("equal")
        for number in range(160):
            self._equal.add(number // 40, 0.02)
        self._equal.write(lab)

    def measure(self) -> None:
        """Measure the time around each of many equal tests once more; the least one counts."""
        slept_s = sum(self._equal.slept_s.values())
        lost_s = real_makespan_s(self._lab) * WORKERS - slept_s
        self.overhead_s = min(self.overhead_s, lost_s / len(self._equal.slept_s))

    def simulated_s(self, workload: Workload) -> float:
        costs = Costs(message_delay_s=self.message_delay_s, test_overhead_s=self.overhead_s)
        return LateBoundRun(workload, WORKERS, workload.duration_s, costs).run().makespan_s


def message_delay_s() -> float:
    """Of a message one way: half of the median way there and back."""
    gateway = execnet.makegateway("popen")
    try:
        channel = gateway.remote_exec("for item in channel: channel.send(item)")
        trips_s = []
        for _ in range(200):
            began_s = time.perf_counter()
            channel.send("x" * 100)
            channel.receive()
            trips_s.append(time.perf_counter() - began_s)
    finally:
        gateway.exit()
    return statistics.median(trips_s) / 2


@pytest.fixture(scope="module")
def machine(new_lab) -> Machine:
    """Measured twice, as one run may be disturbed."""
    machine = Machine(new_lab())
    machine.measure()
    machine.measure()
    return machine


def real_makespan_s(lab) -> float:
    """Run the suite in ``lab``: from the first test sent to the last end."""
    run = lab.run(workers=WORKERS)
    assert run.status == 0, run.output
    found = SPEED.search(run.output)
    assert found, run.output
    return float(found[1])


@pytest.mark.parametrize("make", [uniform, heavy_tail, slow_last, key_chain, fixture_heavy, alone])
def test_a_warm_run_takes_what_the_simulator_says(make, lab, machine):
    """Within 5 %, with the durations that a first run recorded."""
    suite = make()
    suite.write(lab)
    real_makespan_s(lab)
    seen = []
    for _ in range(ATTEMPTS):
        simulated_s, real_s = machine.simulated_s(suite.workload()), real_makespan_s(lab)
        off = real_s / simulated_s - 1
        seen.append(f"simulated {simulated_s:.3f} s, real {real_s:.2f} s, off by {off:+.1%}")
        if abs(off) <= AGREES_WITHIN:
            break
        machine.measure()
    print(suite.name, *seen, f"overhead {machine.overhead_s * 1e3:.1f} ms", sep="; ")
    assert abs(off) <= AGREES_WITHIN, seen
