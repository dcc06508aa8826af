"""Which marks a run kept: those that its mode knows of."""

from __future__ import annotations

from dataclasses import replace

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.trace.model import Trace

_KEEP_ALL = ("markersteal", "")
"""Without xdist, no two tests overlap."""

_KEEPS_GROUPS = "loadgroup"


def as_kept(trace: Trace) -> Trace:
    """``trace``, in which tests ask for nothing but what its mode gave them.

    A floor that heeds more is none: the run may be faster than that.
    """
    if trace.head.dist in _KEEP_ALL:
        return trace
    keeps_groups = trace.head.dist == _KEEPS_GROUPS
    kept = [Demand(group=one.group if keeps_groups else None) for one in trace.demands]
    return replace(trace, demands=kept)
