"""A trace of a large suite: a simulated run, written as a real one writes it.

python bench/large_trace.py FILE [TESTS]
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from pytest_markersteal.core.suite import Claim, Demand
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.workloads import PLAIN, workload_of
from pytest_markersteal.trace import records
from pytest_markersteal.trace.format import encoder

TESTS = 100_000
TESTS_OF_MODULE = 50
WORKERS = 16
MEAN_S = 0.05
STARTUP_S = 1.5
PREDICTION_ERROR = 0.3
"""Standard deviation of the logarithm of predicted by actual duration."""
OUTCOMES = {"passed": 960, "skipped": 25, "xfailed": 8, "xpassed": 1, "failed": 5, "error": 1}
"""How many of a thousand tests."""
DEMANDS = {
    PLAIN: 940,
    Demand((Claim("database"),)): 20,
    Demand((Claim("cache"),)): 20,
    Demand((Claim("database"), Claim("cache"))): 5,
    Demand(serial=True): 10,
    Demand(exclusive=True): 5,
}
"""How many of a thousand modules."""


def write(path: Path, tests: int = TESTS) -> None:
    """Simulate a run of ``tests`` tests and write what it would have recorded."""
    chance = random.Random(1)
    demands, share = list(DEMANDS), list(DEMANDS.values())
    duration_s, demand_of_id = {}, {}
    for module in range(-(-tests // TESTS_OF_MODULE)):
        (demand,) = chance.choices(demands, share)
        file = f"tests/package_{module // 25:02}/test_behaviour_of_module_{module:04}.py"
        for number in range(min(TESTS_OF_MODULE, tests - module * TESTS_OF_MODULE)):
            node_id = f"{file}::TestSome::test_that_number_{number}_is_handled[case-{number % 7}]"
            duration_s[node_id] = chance.lognormvariate(-1.0, 1.2) * MEAN_S
            demand_of_id[node_id] = demand
    workload = workload_of("large", duration_s, {}, demand_of_id)
    run = LateBoundRun(workload, WORKERS, workload.duration_s, Costs())
    outcome = run.run()
    suite = workload.suite
    worker_of = {f"gw{number}": number for number in range(WORKERS)}
    error = [chance.lognormvariate(0, PREDICTION_ERROR) for _ in workload.ids]
    start_us = round(STARTUP_S * 1e6)
    head = records.Head(
        records.FORMAT,
        records.VERSION,
        "2026-11-22T12:00:00+00:00",
        ["-n", str(WORKERS), "--dist", "markersteal"],
        "markersteal",
        WORKERS,
        WORKERS,
        "linux-3.12",
        None,
        {"python": "3.12.0"},
    )
    listed = records.Tests(
        list(workload.ids),
        [demand.fields() for demand in suite.demands],
        list(suite.demand_of),
        {},
        [round(s * e * 1e6) for s, e in zip(workload.duration_s, error, strict=True)],
    )
    all_records: list[records.Record] = [head, listed]
    all_records += [
        records.Worker(name, slot, 10_000, start_us // 2, start_us - 50_000, start_us)
        for name, slot in worker_of.items()
    ]
    names = list(OUTCOMES)
    for began_s, name, test in outcome.started:
        began_us = start_us + round(began_s * 1e6)
        ended_us = start_us + round(outcome.ended_s[test] * 1e6)
        took_us = ended_us - began_us
        (how,) = chance.choices(names, list(OUTCOMES.values()))
        phases = [0, 0, took_us // 8, 1, took_us // 8, took_us * 7 // 8]
        phases += [2, took_us * 7 // 8, took_us]
        all_records.append(
            records.Finished(
                test,
                worker_of[name],
                began_us,
                ended_us,
                took_us,
                took_us // 2,
                names.OUTCOMES.index(how),
                phases,
                [],
                [],
                False,
            )
        )
    all_records.append(records.End(start_us + round(outcome.makespan_s * 1e6), 1, None))
    encode = encoder()
    path.write_bytes(b"".join(map(encode, all_records)))


if __name__ == "__main__":
    write(Path(sys.argv[1]), *map(int, sys.argv[2:]))
