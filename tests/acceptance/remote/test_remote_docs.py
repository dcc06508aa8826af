"""The page on workers on other hosts: its commands as they stand, but for names of hosts."""

from __future__ import annotations

import re
import shlex
from contextlib import ExitStack

import pytest
from doc_pages import blocks
from remote_hosts import SOCKET_SERVER, needs_proxies, socket_server

from pytest_markersteal.distribution.installed import Installed, problem

PAGE = "docs/remote.md"
COMMANDS = [code.removeprefix("$ ").rstrip("\n") for code in blocks(PAGE, "console")]
SERVER, *RUNS = sorted(COMMANDS, key=lambda command: command.startswith("pytest"))


@pytest.mark.runs_examples("docs/remote.md", "console")
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, id=str(number), marks=needs_proxies if "--px" in command else ())
        for number, command in enumerate(RUNS)
    ],
)
def test_the_commands_run_the_suite(command, lab, new_host, ssh_server):
    """On every worker that they name."""
    hosts = {"build1": new_host(), "build2": new_host()}
    workers = sum(int(count or 1) for count in re.findall(r"--tx '?(?:(\d)\*)?", command))
    meeting = f"""
def test_here():
    touch(os.environ["PYTEST_XDIST_WORKER"] + ".here")
    wait_until(lambda: len(list(HERE.glob("*.here"))) == {workers})
"""
    (lab.path / "tests").mkdir()
    for number in range(workers):
        lab.module(meeting, f"tests/test_{number}")
    for host in hosts.values():
        lab.copy_to(host)

    words = shlex.split(command)
    assert words[:3] == ["pytest", "--dist", "markersteal"]
    with ExitStack() as servers:
        address = ""
        if "socket=" in command:
            address = servers.enter_context(socket_server(hosts["build2"])).address
        options = [
            adapted(word, hosts, lab.path)
            .replace("127.0.0.1:8888", address)
            .replace("ssh=build", f"ssh_config={ssh_server.client}//ssh=build")
            for word in words[3:]
        ]
        ledger = lab.run(*options, workers=None)
    ledger.check(status=0)
    assert len(ledger.passed) == workers


def adapted(word, hosts, here):
    """With the places that are meant, of the host that is meant."""
    host = hosts["build2" if "ssh=build2" in word else "build1"]
    places = {
        "/opt/shop/bin/python": host.python,
        "/opt/other/bin/python": host.python,
        "/srv/shop": host.folder,
        "/srv/sent": host.folder / "sent",
        "$PWD": here,
    }
    for name, place in places.items():
        word = word.replace(name, str(place))
    return word


def test_the_command_of_the_socket_server_is_that_of_the_tests():
    """But for the interpreter, that it shows at once what it prints, and the address."""
    _, *arguments = shlex.split(SERVER)
    assert arguments[:2] == ["-m", "execnet.script.socketserver"]
    assert arguments[1] == SOCKET_SERVER


@pytest.mark.runs_examples("docs/remote.md", "text")
def test_the_error_is_what_is_said():
    """Of an environment with pytest-xdist and nothing else."""
    has = {"pytest": "9.2.0", "pytest-xdist": "3.8.0"}
    found = Installed("/opt/shop/bin/python", (3, 11, 7), has)
    (error,) = re.findall(r"^ERROR: worker gw2 \(.*?\): (.*)$", *blocks(PAGE, "text"), re.MULTILINE)
    assert error == problem(found, shares_path=False)
