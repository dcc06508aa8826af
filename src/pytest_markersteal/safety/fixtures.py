"""Fixtures that tell a test where it runs and what it holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_markersteal.core.suite import Mode
from pytest_markersteal.distribution.slots import own_slot
from pytest_markersteal.holdings import Holding, held_by
from pytest_markersteal.markers import demand_of
from pytest_markersteal.options import capacities


@pytest.fixture(scope="session")
def worker_slot(pytestconfig: pytest.Config) -> int:
    """The slot of this worker, 0 to n - 1; 0 where nothing is distributed.

    A worker that replaces a crashed one has the slot of that one, and so has a process that runs
    again what a slot ran (``--slot``).
    """
    return own_slot(pytestconfig)


@pytest.fixture
def resource(request: pytest.FixtureRequest) -> Callable[[str], Holding]:
    """A function from the key of a ``shared_resource`` mark to what this test holds of it."""
    claims = {
        claim.key: claim for claim in demand_of(request.node, capacities(request.config)).claims
    }

    def holding(key: str) -> Holding:
        claim = claims.get(key)
        if claim is None:
            raise LookupError(
                f"{request.node.nodeid} does not claim {key!r}: "
                f"mark it with @pytest.mark.shared_resource({key!r})"
            )
        if claim.mode is Mode.READ:
            return Holding(key, ())
        return held_by(request.node, key, claim.units)

    return holding
