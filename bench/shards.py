"""The tables of docs/shards.md: the slowest shard over the least possible, simulated.

    python bench/shards.py

The recorded suites in shards, by this package and by the algorithms of pytest-split, which is
installed into an environment of its own and called there. Each shard is then run by the simulator,
with the same scheduler whoever made it, exact durations, and the recorded set-ups. pytest-split is
given what it would record: the set-up of a module or a class as part of the first test there.
Run it with the Python of an environment that has the package.
"""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Sequence

import recording
from environments import HERE, SPLIT, python_of

from pytest_markersteal.core.setups import SCOPES
from pytest_markersteal.core.shard_floor import shard_floor_of
from pytest_markersteal.core.shards import split
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.workloads import Workload

SHARDS = (2, 5, 10)
WORKERS = (1, 4)
OURS = "markersteal"


def splits_of(workload: Workload) -> dict[str, dict[int, Sequence[int]]]:
    """By algorithm and number of shards, the shard of each test."""
    ours = {shards: our_split(workload, shards) for shards in SHARDS}
    asked = {"splits": SHARDS, "seconds": seconds_as_recorded(workload)}
    done = subprocess.run(
        [python_of(SPLIT), HERE / "split_peer.py"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = json.loads(done.stdout)
    return {
        OURS: ours,
        **{name: {int(n): found for n, found in by.items()} for name, by in theirs.items()},
    }


def our_split(workload: Workload, shards: int) -> list[int]:
    """As in a run: by node id, whatever the order of collection."""
    order = sorted(range(len(workload.ids)), key=workload.ids.__getitem__)
    in_order = workload.only(order)
    shard_of = split(in_order.suite, in_order.estimates(in_order.duration_s), shards)
    found = [0] * len(order)
    for number, test in enumerate(order):
        found[test] = shard_of[number]
    return found


def seconds_as_recorded(workload: Workload) -> dict[str, float]:
    """Seconds of each test, with the set-ups before it."""
    suite = workload.suite
    columns = (suite.package_of, suite.module_of, suite.class_of)
    entered = set()
    seconds = {}
    for test, node_id in enumerate(workload.ids):
        seconds[node_id] = workload.duration_s[test]
        for scope, column in zip(SCOPES, columns, strict=True):
            place = (scope, column[test])
            if place not in entered:
                entered.add(place)
                seconds[node_id] += workload.setups_s.get(place, 0.0)
    return seconds


def slowest_s(workload: Workload, shard_of: Sequence[int], shards: int, workers: int) -> float:
    """The simulated makespan of the slowest shard."""
    makespans_s = []
    for shard in range(shards):
        part = workload.only([test for test, of in enumerate(shard_of) if of == shard])
        if len(part.suite):
            makespans_s.append(
                LateBoundRun(part, workers, part.duration_s, Costs()).run().makespan_s
            )
    return max(makespans_s)


def main() -> None:
    ratios: dict[tuple[int, int, str], list[tuple[float, str]]] = {}
    print("| suite | shards, workers | " + " | ".join([OURS, "chunks", "least"]) + " |")
    for path in sorted((HERE / "workloads").glob("*.msgpack")):
        workload = recording.load(path).workload(path.stem)
        splits = splits_of(workload)
        setups = workload.estimates(workload.duration_s).setups
        for shards in SHARDS:
            for workers in WORKERS:
                least_s = shard_floor_of(
                    workload.suite, workload.duration_s.__getitem__, setups, shards, workers
                ).total_s
                cells = []
                for name, by in splits.items():
                    ratio = slowest_s(workload, by[shards], shards, workers) / least_s
                    ratios.setdefault((shards, workers, name), []).append((ratio, path.stem))
                    cells.append(f"{name} {ratio:.3f}")
                print(f"| {path.stem} | {shards}, {workers} | {' | '.join(cells)} |", flush=True)
    print()
    names = list(dict.fromkeys(name for _, _, name in ratios))
    print("| shards | workers | " + " | ".join(names) + " |")
    print("|---|---|" + "---|" * len(names))
    for shards in SHARDS:
        for workers in WORKERS:
            cells = [summary(ratios[shards, workers, name]) for name in names]
            print(f"| {shards} | {workers} | " + " | ".join(cells) + " |")


def summary(found: list[tuple[float, str]]) -> str:
    """Geometric mean, and the worst with its suite."""
    mean = math.exp(math.fsum(math.log(ratio) for ratio, _ in found) / len(found))
    worst, suite = max(found)
    return f"{mean:.3f} ({worst:.2f} {suite})"


if __name__ == "__main__":
    main()
