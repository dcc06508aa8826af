"""Causes of the gap besides those of idle time."""

from __future__ import annotations

from pytest_markersteal.trace.idle import Cause

SETUPS = Cause("repeated set-ups")
"""Set-ups of fixtures of wider scope than function, beyond those that the floor counts."""

OTHER_TESTS = Cause("other tests first")
"""What holds the run waited while its worker ran something else."""

AFTERWARDS = Cause("other tests last")
"""What ran when what holds the run was over."""

OTHER = Cause("other")
"""Tests that ran twice, fixtures that failed, and the like."""
