"""Puts the scheduler of xdist-scheduling-exclusive in place, as its readme says."""

from __future__ import annotations

from typing import Any

from xdist_scheduling_exclusive import ExclusiveLoadScopeScheduling


def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    return ExclusiveLoadScopeScheduling(config, log)
