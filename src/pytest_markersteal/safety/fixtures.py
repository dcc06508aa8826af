"""Fixtures that tell a test where it runs and what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from pytest_markersteal import place
from pytest_markersteal.core.suite import Mode
from pytest_markersteal.holdings import Holding, held_by
from pytest_markersteal.markers import MarkError, demand_of, where
from pytest_markersteal.options import port_range, resources

if TYPE_CHECKING:
    from pytest_markersteal.safety.databases.lifetime import WorkerDatabase
    from pytest_markersteal.safety.ports.manager import PortManager


@pytest.fixture(scope="session")
def worker_slot() -> int:
    """The slot of this worker, 0 to slot_count - 1; 0 where nothing is distributed.

    A worker that replaces a crashed one has the slot of that one, and so has a process that runs
    again what a slot ran (``--slot``).
    """
    return place.worker_slot()


@pytest.fixture(scope="session")
def slot_count() -> int:
    """How many slots the run has; 1 where nothing is distributed."""
    return place.slot_count()


@pytest.fixture(scope="session")
def run_id() -> str:
    """What only this run of pytest is called, the same in all workers."""
    return place.run_id()


@pytest.fixture
def resource(request: pytest.FixtureRequest) -> Callable[[str], Holding]:
    """A function from the key of a ``shared_resource`` mark to what this test holds of it."""
    known = resources(request.config)
    capacities = {key: resource.capacity for key, resource in known.items()}
    try:
        claims = {claim.key: claim for claim in demand_of(request.node, capacities).claims}
    except MarkError as error:
        told = f"{where(request.node)}: {error}"
        raise pytest.fail.Exception(told, pytrace=False) from None

    def holding(key: str) -> Holding:
        claim = claims.get(key)
        if claim is None:
            raise LookupError(
                f"{request.node.nodeid} does not claim {key!r}: "
                f"mark it with @pytest.mark.shared_resource({key!r})"
            )
        if claim.mode is Mode.READ:
            return Holding(key, ())
        names = known[key].names if key in known else ()
        return held_by(request.node, key, claim.units, names)

    return holding


@pytest.fixture(scope="session")
def port_manager(pytestconfig: pytest.Config) -> PortManager:
    """Ports from ``markersteal_ports``, each for one holder on this machine at a time.

    For servers of any scope: ``with port_manager.port() as port``.
    """
    from pytest_markersteal.safety.ports.ephemeral import lasting_ports
    from pytest_markersteal.safety.ports.manager import PortManager

    ports = lasting_ports(port_range(pytestconfig))
    # Each slot begins in a part of its own, so that workers seldom ask for the same port.
    return PortManager(ports, first=len(ports) * place.worker_slot() // place.slot_count())


@pytest.fixture
def free_port(port_manager: PortManager) -> Iterator[int]:
    """A port that is this test's until it is torn down."""
    with port_manager.port() as port:
        yield port


@pytest.fixture(scope="session")
def worker_database(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WorkerDatabase]:
    """The database to which this worker's variables in ``markersteal_databases`` lead.

    It is made now, by cloning what ``pytest_markersteal_prepare_database`` has prepared, and
    dropped when the session ends; what is still connected to it is cut off.
    """
    from pytest_markersteal.safety.databases.lifetime import worker_databases

    own = tmp_path_factory.getbasetemp()
    # Only to workers on this machine does the controller give folders in that of the run.
    given = hasattr(pytestconfig, "workerinput") and pytestconfig.getoption("basetemp")
    shared = own.parent if given else own
    with worker_databases(pytestconfig, shared) as database:
        yield database
