"""The pictures and tables of docs/explanation, all simulated.

    python bench/explained.py pictures [FOLDER]   # the pictures, into docs/explanation or FOLDER
    python bench/explained.py floor               # the worked example of the floor
    python bench/explained.py serial              # what serial and no_parallel tests cost

The same on every machine. Run it with the Python of an environment that has the package.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from timelines import Span, Timeline, draw

from pytest_markersteal.core.suite import Claim, Demand
from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.curve import point
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.outcome import Outcome
from pytest_markersteal.simulate.whatif import unmarked
from pytest_markersteal.simulate.workloads import PLAIN, Workload, workload_of
from pytest_markersteal.simulate.xdist_bound import XdistRun, two_passes

COSTS = Costs()
DATABASE = Demand((Claim("db"),))
SERIAL = Demand(serial=True)
ALONE = Demand(exclusive=True)
EVERYWHERE = Path(__file__).parent.parent / "docs" / "explanation"

FLOOR_WORKERS = (1, 2, 3, 4, 5, 6, 8)
SHARES = (0.02, 0.05, 0.1, 0.2, 0.4)
SERIAL_WORKERS = (2, 4, 8, 16)


def shop() -> Workload:
    """A suite of eight modules: some share a database, one runs alone, the longest are last."""
    chance = random.Random("shop")
    seconds: dict[str, float] = {}
    demands: dict[str, Demand] = {}
    modules = {
        "api": (PLAIN, 10, 0.2),
        "cart": (PLAIN, 12, 0.2),
        "clock": (ALONE, 2, 0.2),
        "mail": (PLAIN, 8, 0.2),
        "orders": (DATABASE, 8, 0.25),
        "prices": (PLAIN, 12, 0.15),
        "stock": (DATABASE, 6, 0.2),
        "yearly": (PLAIN, 3, 1.2),
    }
    for module, (demand, count, mean_s) in modules.items():
        for number in range(count):
            node_id = f"test_{module}.py::test_{number}"
            seconds[node_id] = round(mean_s * chance.uniform(0.6, 1.4), 3)
            demands[node_id] = demand
    return workload_of("shop", seconds, {}, demands)


def held_back() -> Workload:
    """Two long tests, and two short ones behind them."""
    seconds = {"test_a": 1.0, "test_b": 1.0, "test_c": 0.1, "test_d": 0.1}
    return workload_of("held back", {f"test_it.py::{name}": s for name, s in seconds.items()}, {})


def worked_example() -> Workload:
    """The suite of docs/explanation/floor.md."""
    seconds = {f"test_search.py::test_{number}": 0.5 for number in range(8)}
    seconds["test_report.py::test_year"] = 2.0
    seconds |= {f"test_stock.py::test_{number}": 0.6 for number in range(4)}
    seconds |= {f"test_checkout.py::test_{number}": 0.4 for number in range(3)}
    seconds["test_clock.py::test_midnight"] = 0.5
    demands = {name: DATABASE for name in seconds if name.startswith("test_stock.py")}
    demands["test_clock.py::test_midnight"] = ALONE
    fixtures_s = {Fixture("module", "test_checkout.py", "shop"): 0.8}
    return workload_of("worked example", seconds, fixtures_s, demands)


def shared_out(share: float, demand: Demand, tests: int = 400) -> Workload:
    """Tests of 0.1 to 0.3 s, ten in a module; of ``share`` of them, all over, ``demand``."""
    chance = random.Random("shared out")
    seconds = {
        f"test_{number // 10:02}.py::test_{number:03}": chance.uniform(0.1, 0.3)
        for number in range(tests)
    }
    order = list(seconds)
    chance.shuffle(order)
    marked = order[: round(share * len(order))]
    return workload_of("shared out", seconds, {}, dict.fromkeys(marked, demand))


def timeline(title: str, workload: Workload, workers: int, outcome: Outcome) -> Timeline:
    """What a simulated run did."""
    spans = []
    modules = len(set(workload.suite.module_of))
    for since_s, worker, test in outcome.started:
        demand = workload.suite.demand(test)
        kind = "alone" if demand.exclusive else "marked" if demand != PLAIN else "plain"
        file, _, label = workload.ids[test].partition("::")
        if modules > 1:
            label = f"{file} {label}".replace("test_", "").replace(".py", "")
        number = int(worker.removeprefix("gw"))
        spans.append(Span(number, since_s, outcome.ended_s[test], label, kind))
    return Timeline(title, workers, spans)


def ours(workload: Workload, workers: int, *, cold: bool = False) -> Outcome:
    """A run of this scheduler."""
    known = None if cold else workload.duration_s
    return LateBoundRun(workload, workers, known, COSTS).run()


def scheduling_picture() -> str:
    """Two passes and one run, with the floor of the latter."""
    workload, workers = shop(), 4
    floor_s = workload.floor(workers).total_s
    two = two_passes(workload, workers, "worksteal", COSTS)
    runs = [
        timeline("worksteal, then the marked tests one by one", workload, workers, two),
        timeline("markersteal, first run", workload, workers, ours(workload, workers, cold=True)),
        timeline("markersteal, durations known", workload, workers, ours(workload, workers)),
    ]
    return draw(
        "One suite on four workers, three ways", [replace(run, floor_s=floor_s) for run in runs]
    )


def late_binding_picture() -> str:
    """A test held back by worksteal's worker, and the same suite with nothing held back."""
    workload, workers = held_back(), 2
    theirs = timeline(
        "worksteal: gw0 holds test_b from the start, for when test_a is over",
        workload,
        workers,
        XdistRun(workload, workers, "worksteal", COSTS).run(),
    )
    first, last = (
        next(span for span in theirs.spans if span.label == name) for name in ("test_c", "test_b")
    )
    idle_s = max(span.until_s for span in theirs.spans if span.worker == first.worker)
    waits = Span(first.worker, idle_s, last.until_s, "idle: test_b can't be taken back", "held")
    late = timeline(
        "markersteal, first run: nobody holds test_b, so gw1 takes it",
        workload,
        workers,
        ours(workload, workers, cold=True),
    )
    return draw(
        "The one-test hold-back, and late binding",
        [replace(theirs, spans=[*theirs.spans, waits]), late],
    )


def floor_picture() -> str:
    """The worked example on three and on five workers, with the floor."""
    workload = worked_example()
    return draw(
        "The worked example and its floor",
        [
            replace(
                timeline(f"{workers} workers", workload, workers, ours(workload, workers)),
                floor_s=workload.floor(workers).total_s,
            )
            for workers in (3, 5)
        ],
    )


def serial_picture() -> str:
    """A suite without marks, and with a fifth of its tests serial, or alone."""
    tests, workers, share = 40, 4, 0.2
    marked = {
        "no marks": shared_out(share, PLAIN, tests),
        "a fifth of the tests is serial": shared_out(share, SERIAL, tests),
        "the same tests are no_parallel": shared_out(share, ALONE, tests),
    }
    return draw(
        "What marks cost on four workers",
        [
            timeline(title, workload, workers, ours(workload, workers))
            for title, workload in marked.items()
        ],
    )


PICTURES: Mapping[str, Callable[[], str]] = {
    "scheduling.svg": scheduling_picture,
    "late-binding.svg": late_binding_picture,
    "floor.svg": floor_picture,
    "serial.svg": serial_picture,
}


def floor_table() -> Iterator[str]:
    """The worked example on more and more workers."""
    yield "| workers | floor s | limited by | simulated s | ratio |"
    yield "|---|---|---|---|---|"
    workload = worked_example()
    for workers in FLOOR_WORKERS:
        found = point(workload, workers, COSTS)
        limit = f"{found.limit.kind} {found.limit.name or ''}".strip()
        yield (
            f"| {workers} | {found.floor_s:.2f} | {limit} | {found.makespan_s:.2f} "
            f"| {found.makespan_s / found.floor_s:.3f} |"
        )


def serial_tables() -> Iterator[str]:
    """How many times as long a run takes because of the mark, simulated (and by the formula)."""
    for mark, demand in (("serial", SERIAL), ("no_parallel", ALONE)):
        yield f"| `{mark}` | of the time | {' | '.join(f'n = {n}' for n in SERIAL_WORKERS)} |"
        yield "|---|---|" + "---|" * len(SERIAL_WORKERS)
        for share in SHARES:
            workload = shared_out(share, demand)
            of_time = share_of_time(workload)
            cells = times_as_long(workload, mark, of_time)
            yield f"| {share:.0%} of the tests | {of_time:.1%} | {' | '.join(cells)} |"
        yield ""


def share_of_time(workload: Workload) -> float:
    """What the tests with marks take, of the time of all tests."""
    _, marked = workload.parted()
    return sum(marked.duration_s) / sum(workload.duration_s)


def times_as_long(workload: Workload, mark: str, share: float) -> Iterator[str]:
    """A cell for each number of workers."""
    free = unmarked(workload, mark)
    for workers in SERIAL_WORKERS:
        times = point(workload, workers, COSTS).makespan_s / point(free, workers, COSTS).makespan_s
        expected = max(1.0, share * workers) if mark == "serial" else 1 + share * (workers - 1)
        yield f"{times:.2f} ({expected:.2f})"


def write_pictures(folder: Path) -> None:
    """Draw them all into ``folder``."""
    for name, picture in PICTURES.items():
        (folder / name).write_text(picture(), encoding="utf-8")


def main() -> None:
    """Draw or print what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("pictures", "floor", "serial"))
    parser.add_argument("folder", nargs="?", type=Path, default=EVERYWHERE)
    chosen = parser.parse_args()
    if chosen.what == "pictures":
        write_pictures(chosen.folder)
    else:
        print("\n".join(floor_table() if chosen.what == "floor" else serial_tables()))


if __name__ == "__main__":
    main()
