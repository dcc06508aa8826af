"""Arguments that pytest refuses on a worker, where it collects, such as a path that is not there.

xdist lets such a worker end without a word, and a run of such workers with "no tests ran".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from pytest_markersteal.distribution.tx import machine_of, named
from pytest_markersteal.durations.machines import HERE

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

_OUTPUT = "markersteal_refused"
"""Where a worker puts pytest's words in ``config.workeroutput``."""


@contextmanager
def refusals_told(config: Any) -> Iterator[None]:
    """On a worker: have the controller know of a ``UsageError`` in here."""
    try:
        yield
    except pytest.UsageError as error:
        config.workeroutput[_OUTPUT] = list(map(str, error.args))
        raise


def refusal(node: WorkerController) -> pytest.UsageError | None:
    """On the controller: what the pytest of a worker that ended said, as if it were said here."""
    told: list[str] | None = getattr(node, "workeroutput", {}).get(_OUTPUT)
    if told is None:
        return None
    if machine_of(node.gateway.spec) != HERE:
        told = [f"worker {named(node.gateway)}: {line}" for line in told]
    return pytest.UsageError(*told)
