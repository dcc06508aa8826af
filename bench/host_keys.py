"""The table of docs/decisions/0028-keys-per-host.md: generated suites whose keys are per host.

    python bench/host_keys.py [--seed 0]

Each suite is simulated on more workers on more hosts: with its keys as those of the session, and
per host, with exact durations and with none. Every cell is the makespan of this scheduler in
virtual seconds, and its ratio to the floor of the same suite on the same hosts. Takes about a
minute.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.generated import GENERATORS
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.whatif import keys, per_host
from pytest_markersteal.simulate.workloads import Workload

SUITES = ("hot-key", "many-keys", "multi-key", "mixed")
FLEETS = ((8, 2), (32, 4), (100, 10))
"""Numbers of workers and of hosts."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the suites")
    seed = parser.parse_args().seed
    print("| suite | workers on hosts | keys of the session | keys per host | without durations |")
    print("|---|---|---|---|---|")
    for name in SUITES:
        of_session = GENERATORS[name](seed)
        for workers, hosts in FLEETS:
            changed = replace(_per_host(of_session), hosts=hosts)
            cells = [
                _cell(of_session, workers, of_session.duration_s),
                _cell(changed, workers, changed.duration_s),
                _cell(changed, workers, None),
            ]
            print(f"| {name} | {workers} on {hosts} | {' | '.join(cells)} |", flush=True)


def _per_host(workload: Workload) -> Workload:
    for key in keys(workload):
        workload = per_host(workload, key)
    return workload


def _cell(workload: Workload, workers: int, known_s: Sequence[float] | None) -> str:
    makespan_s = LateBoundRun(workload, workers, known_s, Costs()).run().makespan_s
    return f"{makespan_s:.2f} s, {makespan_s / workload.floor(workers).total_s:.3f}"


if __name__ == "__main__":
    main()
