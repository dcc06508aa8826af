"""What a process that runs tests tells of those that it collected."""

from __future__ import annotations

import pytest

import pytest_markersteal
from pytest_markersteal.distribution import protocol
from pytest_markersteal.distribution.host import own_host
from pytest_markersteal.distribution.recorder import Clock
from pytest_markersteal.markers import read_demands
from pytest_markersteal.options import capacities


class Cataloguer:
    """Made when plugins and conftests are imported, and test modules are not."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ready_cpu_s, self._ready_s = clock.cpu_s(), clock.wall_s()

    def catalog(self, session: pytest.Session, deselected: int = 0) -> protocol.Catalog:
        """What ``session`` has collected; ``deselected`` is how many tests it left out."""
        demands, problems = read_demands(session.items, capacities(session.config))
        numbers = {demand: number for number, demand in enumerate(dict.fromkeys(demands))}
        return protocol.Catalog(
            protocol.VERSION,
            pytest_markersteal.__version__,
            [demand.fields() for demand in numbers],
            [numbers[demand] for demand in demands],
            problems,
            self._ready_cpu_s,
            self._clock.cpu_s(),
            self._ready_s,
            self._clock.wall_s(),
            deselected,
            own_host(),
        )
