"""What happens where a worker that crashed can't be replaced."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import execnet
import pytest

from pytest_markersteal.distribution.gateways import Gateways, StartError
from pytest_markersteal.distribution.replacements import Replacements


class Session:
    """As much of xdist's session as there must be; ``error`` is what a start ends with."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.started: list[str] = []
        self.links: dict[Any, Any] = {}
        self.error: Exception | None = None
        self.over = False
        self.shouldstop: str | bool = False
        self.sched = SimpleNamespace(tests_finished=False)
        self.is_shut_down = False
        gateways = Gateways("thread", None, lambda _: None)
        Replacements(self, gateways, self.links, lambda: self.over)

    def report_line(self, line: str) -> None:
        self.lines.append(line)

    def _clone_node(self, node: Any) -> None:
        self.started.append(node.gateway.id)
        self.links[f"replacement of {node.gateway.id}"] = None
        if self.error is not None:
            raise self.error

    def triggershutdown(self) -> None:
        self.is_shut_down = True

    def lose(self, name: str, spec: str) -> None:
        self._clone_node(
            SimpleNamespace(gateway=SimpleNamespace(id=name, spec=execnet.XSpec(spec)))
        )


@pytest.fixture
def session() -> Session:
    return Session()


def test_a_worker_is_replaced_the_way_of_xdist(session: Session) -> None:
    """And there is nothing to tell."""
    session.lose("gw0", "popen")
    assert session.started == ["gw0"]
    assert session.links
    assert not session.lines


def test_a_host_that_is_gone_is_told_and_asked_once(session: Session) -> None:
    """Its other workers are not replaced either; those of other hosts are."""
    session.error = StartError(execnet.XSpec("ssh=build7//id=gw2"), "nobody listens")
    session.lose("gw0", "ssh=build7")
    session.lose("gw1", "ssh=build7//python=python3")
    assert session.started == ["gw0"]
    assert not session.links
    session.error = None
    session.lose("gw2", "ssh=build8")
    assert session.started == ["gw0", "gw2"]
    assert session.lines == [
        "gw0 (ssh=build7) is not replaced: nobody listens",
        "gw1 (ssh=build7//python=python3) is not replaced: nobody listens",
    ]


def test_this_machine_is_asked_each_time(session: Session) -> None:
    """What a process can't be started for may pass."""
    session.error = StartError(execnet.XSpec("popen//id=gw2"), "no memory")
    session.lose("gw0", "popen")
    session.error = None
    session.lose("gw1", "popen")
    assert session.started == ["gw0", "gw1"]
    assert len(session.lines) == 1


def test_nobody_is_replaced_when_all_is_done(session: Session) -> None:
    """There would be nothing to run; that is told, as xdist has just told of a replacement."""
    session.over = True
    session.lose("gw0", "ssh=build7")
    assert not session.started
    assert session.lines == ["gw0 (ssh=build7) is not replaced: no further test is to start"]


def test_the_last_restart_does_not_end_the_run(session: Session) -> None:
    """Others may still do the rest."""
    session.triggershutdown()
    assert not session.is_shut_down
    session.sched.tests_finished = True
    session.triggershutdown()
    assert session.is_shut_down


def test_a_stop_ends_the_run(session: Session) -> None:
    """As with -x."""
    session.shouldstop = "stopping after 1 failures"
    session.triggershutdown()
    assert session.is_shut_down
