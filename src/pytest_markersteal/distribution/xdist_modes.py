"""xdist's own schedulers, for whoever drives them outside a run, with nodes of their own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from xdist.remote import Producer
from xdist.scheduler import (
    LoadFileScheduling,
    LoadScheduling,
    LoadScopeScheduling,
    WorkStealingScheduling,
)

MODES: dict[str, Any] = {
    "load": LoadScheduling,
    "worksteal": WorkStealingScheduling,
    "loadscope": LoadScopeScheduling,
    "loadfile": LoadFileScheduling,
}
"""The choices of ``--dist`` that balance."""


def xdist_scheduler(mode: str, workers: int) -> Any:
    """A scheduler of xdist's for ``workers`` workers, with xdist's defaults.

    It is driven as ``xdist.scheduler.protocol.Scheduling`` says. Of the configuration it reads
    ``tx``, ``maxschedchunk`` and ``loadscopereorder``.
    """
    values = {"tx": ["popen"] * workers, "maxschedchunk": None, "loadscopereorder": True}
    config = SimpleNamespace(
        getvalue=values.__getitem__,
        getoption=values.__getitem__,
        option=SimpleNamespace(**values),
    )
    return MODES[mode](config, Producer("simulated", enabled=False))
