"""Ports among real processes: those that ask together, those that fork, and those that are killed.

The figures for more of them, and for a manager that knows of its own process only, are in
docs/ports.md.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from pytest_markersteal import PortManager, PortsExhausted

TAKE_MANY = """
import sys
from contextlib import ExitStack
from pytest_markersteal import PortManager

manager = PortManager(range(15000, 25001))
print("ready", flush=True)
sys.stdin.readline()
with ExitStack() as held:
    print(*[held.enter_context(manager.port(20000)) for _ in range(50)], flush=True)
    sys.stdin.readline()
"""

HOLD_ONE = """
import sys
from pathlib import Path
from pytest_markersteal import PortManager

with PortManager([int(sys.argv[1])], folder=Path(sys.argv[2])).port():
    print("held", flush=True)
    sys.stdin.readline()
"""

FORK = """
import os, sys
from pathlib import Path
from pytest_markersteal import PortManager

with PortManager([int(sys.argv[1])], folder=Path(sys.argv[2])).port():
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        print("held", flush=True)
        sys.stdin.readline()
"""

LEAVE_A_FORK = """
import os, sys
from pathlib import Path
from pytest_markersteal import PortManager

with PortManager([int(sys.argv[1])], folder=Path(sys.argv[2]), quarantine_s=0).port():
    if os.fork() == 0:
        sys.stdin.readline()
        os._exit(0)
print("given back", flush=True)
sys.stdin.readline()
"""


@contextmanager
def process(script: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process that runs until a line, or the end of this block."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        try:
            yield started
        finally:
            started.kill()


def says(started: subprocess.Popen[str]) -> str:
    assert started.stdout is not None
    return started.stdout.readline().strip()


def tell(started: subprocess.Popen[str]) -> None:
    assert started.stdin is not None
    started.stdin.write("\n")
    started.stdin.flush()


@pytest.fixture
def port(port_manager: PortManager) -> Iterator[int]:
    """A port that managers with other lock files find free."""
    with port_manager.port() as port:
        yield port


def test_processes_that_prefer_the_same_port_never_share_one() -> None:
    """Eight of them hold fifty each at the same time."""
    with ExitStack() as stack:
        started = [stack.enter_context(process(TAKE_MANY)) for _ in range(8)]
        assert {says(one) for one in started} == {"ready"}
        for one in started:
            tell(one)
        ports = [number for one in started for number in says(one).split()]
        assert len(ports) == 400
        assert len(set(ports)) == 400


@pytest.mark.needs_signals
def test_a_killed_holder_leaves_its_port_free(port: int, tmp_path: Path) -> None:
    """At once, and to whoever asks first; before, the error names its process."""
    manager = PortManager([port], folder=tmp_path)
    with process(HOLD_ONE, port, tmp_path) as holder:
        assert says(holder) == "held"
        held_by = f"{port}: held by pid {holder.pid}"
        with pytest.raises(PortsExhausted, match=held_by), manager.port():
            pass
        holder.kill()  # SIGKILL
        holder.wait()
        with manager.port() as given:
            assert given == port


@pytest.mark.needs_signals
def test_a_fork_that_leaves_the_block_does_not_give_the_port_back(
    port: int, tmp_path: Path
) -> None:
    """It is its parent's, which still holds it."""
    with process(FORK, port, tmp_path) as holder:
        assert says(holder) == "held"
        manager = PortManager([port], folder=tmp_path)
        with pytest.raises(PortsExhausted, match=f"held by pid {holder.pid}"), manager.port():
            pass


@pytest.mark.needs_signals
def test_a_fork_that_lives_on_does_not_keep_the_port(port: int, tmp_path: Path) -> None:
    """When its parent gives it back, it is free."""
    with process(LEAVE_A_FORK, port, tmp_path) as parent:
        assert says(parent) == "given back"
        with PortManager([port], folder=tmp_path, quarantine_s=0).port() as given:
            assert given == port


def test_two_sessions_on_one_host_never_share_a_port(new_lab):
    """Each with two workers; all their tests hold ports at the same time."""
    labs = [new_lab(), new_lab()]
    for lab in labs:
        lab.module(
            """
@pytest.mark.parametrize("n", range(2))
def test_ports(n, port_manager):
    with port_manager.port(20000) as a, port_manager.port(20000) as b:
        note(event="ports", ports=[a, b])
        wait_for("go-on")
"""
        )
        lab.start()

    def ports():
        held = [e["ports"] for lab in labs for e in lab.events() if e["event"] == "ports"]
        return [port for both in held for port in both]

    for lab in labs:
        lab.wait_until(lambda: len(ports()) == 8)
    assert len(set(ports())) == 8
    for lab in labs:
        lab.touch("go-on")
    for lab in labs:
        lab.finish().check(status=0)
