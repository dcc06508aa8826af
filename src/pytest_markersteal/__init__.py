"""A pytest-xdist scheduler that knows what each test needs and how long it takes."""

from pytest_markersteal.holdings import Holding
from pytest_markersteal.place import run_id, slot_count, worker_slot
from pytest_markersteal.safety.ports.answering import WrongServer, greets, serves, wait_for_port
from pytest_markersteal.safety.ports.manager import PortManager, PortsExhausted

__all__ = [
    "Holding",
    "PortManager",
    "PortsExhausted",
    "WrongServer",
    "__version__",
    "greets",
    "run_id",
    "serves",
    "slot_count",
    "wait_for_port",
    "worker_slot",
]

__version__ = "0.1.0"
