"""docs/howto/docker-services.md: its files and its commands, where no Docker is."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from doc_pages import blocks

pytest.importorskip("fcntl")

PAGE = "docs/howto/docker-services.md"
SHARING = """
import os, pytest, witness

def test_port(service_port):
    witness.tell("port", port=service_port)
    witness.meet("both use it", 2)
    if witness.first_time("crash"):
        os._exit(1)
    witness.meet("a replacement uses it", 2)
"""


def write_service(folder: Path, *, docker: bool) -> None:
    """Write the files of the page, with one of the services."""
    plain, in_docker, *others = blocks(PAGE, "python")
    for code in (in_docker if docker else plain, *others):
        path = folder / code.partition("\n")[0].removeprefix("# ")
        assert path.suffix == ".py"
        assert not path.exists()
        path.write_text(code, encoding="utf-8")
    if docker:
        # Its tests are of the other one.
        (folder / "test_service.py").unlink()


def is_gone(port: int) -> bool:
    """Whether nobody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.fixture
def containers(pytester, monkeypatch):
    """The folder of what ``docker`` runs, which is not Docker."""
    folder = pytester.mkdir("containers")
    programs = pytester.mkdir("programs")
    program = programs / "docker"
    words = (sys.executable, Path(__file__).with_name("seeming_docker.py"), folder)
    program.write_text(f'#!/bin/sh\nexec {" ".join(shlex.quote(str(w)) for w in words)} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    yield folder
    left = [path.name for path in folder.iterdir()]
    if left:
        subprocess.run([program, "rm", "--force", *left], check=True)


@pytest.mark.runs_examples("docs/howto/docker-services.md", "python")
def test_the_service_of_the_example_is_started_once_and_stopped(pytester, run_markersteal, witness):
    """By the first of two workers, of which one dies and is replaced; by the last of them."""
    write_service(pytester.path, docker=False)
    # A module each, which no worker is given together.
    pytester.makepyfile(test_a=SHARING, test_b=SHARING, test_c=SHARING)
    run_markersteal(n=2).assert_outcomes(passed=4, failed=1)
    events = witness.events()
    assert len({event["worker"] for event in events}) == 3
    (port,) = {event["port"] for event in events}
    assert is_gone(port)


def test_the_service_of_the_example_runs_without_workers(pytester, run_markersteal):
    """Where nobody shares it."""
    write_service(pytester.path, docker=False)
    run_markersteal(n=0).assert_outcomes(passed=2)


@pytest.mark.skipif(not shutil.which("sh"), reason="needs sh")
def test_a_container_is_started_once_and_stopped(containers, pytester, run_markersteal, witness):
    """With the commands for Docker, which answers as its image does."""
    write_service(pytester.path, docker=True)
    pytester.makepyfile(test_a=SHARING, test_b=SHARING, test_c=SHARING)
    run_markersteal(n=2).assert_outcomes(passed=2, failed=1)
    (port,) = {event["port"] for event in witness.events()}
    assert is_gone(port)
    assert not list(containers.iterdir())


@pytest.mark.runs_examples("docs/howto/docker-services.md", "console")
@pytest.mark.skipif(not shutil.which("sh"), reason="needs sh")
def test_a_container_of_a_run_that_was_killed_is_cleared_up(containers, pytester, run_markersteal):
    """With the command of the page, which leaves others alone."""
    write_service(pytester.path, docker=True)
    pytester.makepyfile("import os\ndef test_it(service_port): os._exit(1)")
    run_markersteal(n=0)
    (left,) = containers.iterdir()
    other = containers / "other"
    other.write_text("others")
    (command,) = blocks(PAGE, "console")
    subprocess.run(["sh", "-c", command.removeprefix("$ ")], check=True)
    assert list(containers.iterdir()) == [other]
    assert not left.exists()
    other.unlink()
