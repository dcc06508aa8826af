"""Hooks that this plugin calls."""

from __future__ import annotations

import pytest


@pytest.hookspec(firstresult=True)
def pytest_markersteal_check_resource(
    config: pytest.Config, key: str, instance: int, name: str | None
) -> bool | None:
    """Tell whether an instance of a resource may be used again, after a worker died with it.

    ``instance`` is its number, 0 to the capacity of ``key`` less one; ``name`` what it is called in
    ``markersteal_resources``, if it has a name there. It may be repaired here first. True: tests
    are given it again; False, or any exception: none is. None: other implementations are asked,
    and without an answer it is as if there were no check.

    Called on the controller, in a thread of its own, with other instances maybe at the same time;
    after ``markersteal_check_deadline_s`` seconds nobody waits for the answer any more.
    """
