"""How often ports collide where many processes prefer the same one, and what a port costs.

    python bench/ports.py [--processes 16] [--ports 300]

All processes begin together, and hold all their ports until the last one has its own. A collision
is a port that another process holds too. The naive manager is what test suites have by hand: it
knows the ports that its own process gave out, and tries to bind to the next.
"""

from __future__ import annotations

import argparse
import multiprocessing
import socket
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from pytest_markersteal import PortManager

PORTS = range(15000, 25001)
PREFERRED = 20000

Give = Callable[[int], AbstractContextManager[int]]


class NaiveManager:
    """Knows its own process only."""

    def __init__(self) -> None:
        self._given: set[int] = set()

    @contextmanager
    def port(self, preferred: int) -> Iterator[int]:
        for port in [preferred, *range(preferred + 1, PORTS.stop), *PORTS]:
            if port not in self._given and self._can_be_bound(port):
                break
        self._given.add(port)
        yield port
        self._given.remove(port)

    def _can_be_bound(self, port: int) -> bool:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
        return True


MANAGERS: dict[str, Callable[[float], Give]] = {
    "naive": lambda _: NaiveManager().port,
    "`PortManager` of workers, whose slots begin apart": lambda share: (
        PortManager(PORTS, first=int(share * len(PORTS))).port
    ),
    "`PortManager` of strangers, who all begin at 15000": lambda _: PortManager(PORTS).port,
}
"""How each makes a manager for a process; given is which share of all processes is before it."""


def take(
    name: str, share: float, ports: int, together: Barrier, told: Queue[tuple[list[int], float]]
) -> None:
    """Take ports and tell which, and the processor seconds for each."""
    give = MANAGERS[name](share)
    together.wait()
    with ExitStack() as held:
        began_s = time.process_time()
        mine = [held.enter_context(give(PREFERRED)) for _ in range(ports)]
        told.put((mine, (time.process_time() - began_s) / ports))
        together.wait()


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--ports", type=int, default=300, help="that each process takes")
    asked = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    print(
        "| manager | ports given | collisions | processor time of a port, median over processes |"
    )
    print("|---|---|---|---|")
    for name in MANAGERS:
        together = context.Barrier(asked.processes)
        told = context.Queue()
        started = [
            context.Process(
                target=take, args=(name, number / asked.processes, asked.ports, together, told)
            )
            for number in range(asked.processes)
        ]
        for process in started:
            process.start()
        answers = [told.get() for _ in started]
        for process in started:
            process.join()
        holders = Counter(port for ports, _ in answers for port in ports)
        collisions = sum(count - 1 for count in holders.values())
        each_ms = 1_000 * statistics.median(each_s for _, each_s in answers)
        print(f"| {name} | {holders.total():,} | {collisions:,} | {each_ms:.2f} ms |")


if __name__ == "__main__":
    main()
