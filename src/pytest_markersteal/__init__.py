"""A pytest-xdist scheduler that knows what each test needs and how long it takes."""

from importlib import import_module
from typing import TYPE_CHECKING

from pytest_markersteal.holdings import Holding
from pytest_markersteal.place import run_id, slot_count, worker_slot

if TYPE_CHECKING:
    from pytest_markersteal.safety.databases.lifetime import WorkerDatabase
    from pytest_markersteal.safety.ports.answering import (
        WrongServer,
        greets,
        serves,
        wait_for_port,
    )
    from pytest_markersteal.safety.ports.manager import PortManager, PortsExhausted

__all__ = [
    "Holding",
    "PortManager",
    "PortsExhausted",
    "WorkerDatabase",
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

_LAZY = {
    "PortManager": "safety.ports.manager",
    "PortsExhausted": "safety.ports.manager",
    "WorkerDatabase": "safety.databases.lifetime",
    "WrongServer": "safety.ports.answering",
    "greets": "safety.ports.answering",
    "serves": "safety.ports.answering",
    "wait_for_port": "safety.ports.answering",
}
"""Where names are that most suites don't use: every worker of every run would import them."""


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
