"""A plugin of stressed runs: arranges what was collected, as a variable says.

A script would do that too (``trials.script``), but on several workers a script does not obey marks,
so tests would meet that the marks keep apart, and fail for nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from hashlib import blake2b

import pytest

from pytest_markersteal.races.stress.plan import COLLECTED, DRAWN, REVERSED, SHUFFLED, Planned

_VARIABLE = "PYTEST_MARKERSTEAL_ARRANGED"
_PLACED = ("serial", "no_parallel", "xdist_group")
"""Marks that say where a test runs."""


def arguments_for(planned: Planned) -> list[str]:
    """What pytest is told besides, so that it arranges its tests as ``planned``."""
    return ["-p", __name__] if _arranges(planned) else []


def environment_for(planned: Planned) -> dict[str, str]:
    """The variable for ``planned``."""
    condition = planned.condition
    said = f"{condition.order} {condition.split} {condition.workers} {planned.draw}"
    return {_VARIABLE: said} if _arranges(planned) else {}


def _arranges(planned: Planned) -> bool:
    return planned.condition.order != COLLECTED or planned.condition.split == DRAWN


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, object, object]:
    """Arrange them, whatever other plugins have done to their order."""
    result = yield
    order, split, workers, draw = os.environ[_VARIABLE].split()
    if order == REVERSED:
        items.reverse()
    elif order == SHUFFLED:
        items.sort(key=_shuffled(draw))
    if split == DRAWN:
        _draw_to_workers(items, int(workers), draw)
    return result


def _shuffled(draw: str) -> Callable[[pytest.Item], list[bytes]]:
    """Modules change places, and so do classes within them, and tests within these.

    So the fixtures that they share are set up as often as ever. By hashes of their names, the order
    is the same in workers that collected in different orders.
    """

    def key(item: pytest.Item) -> list[bytes]:
        module = item.nodeid.partition("::")[0]
        holder = item.nodeid.partition("[")[0].rpartition("::")[0]
        return [_hash(draw, name) for name in (module, holder, item.nodeid)]

    return key


def _draw_to_workers(items: list[pytest.Item], workers: int, draw: str) -> None:
    """Let lots decide which modules share a worker, as far as marks leave that open."""
    for item in items:
        if not any(map(item.get_closest_marker, _PLACED)):
            lot = int.from_bytes(_hash(draw, item.nodeid.partition("::")[0]), "big") % workers
            item.add_marker(pytest.mark.xdist_group(f"drawn {lot}"))


def _hash(draw: str, name: str) -> bytes:
    said = f"{draw} {name}".encode("utf-8", "surrogatepass")
    return blake2b(said, digest_size=8).digest()
