"""Hosts for workers, and the servers by which they are reached: real ones, all on this machine.

A host is a folder and a virtual environment of its own. OpenSSH and execnet's socket server listen
on the loopback address, or on that of a network namespace, for as long as a block runs.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from remote_places import LOOPBACK, PATH, PORTS, Place
from xdist.workermanage import NodeManager

from pytest_markersteal import PortManager, wait_for_port
from pytest_markersteal.sync import wait_for_condition

SSHD = shutil.which("sshd", path=PATH)
"""The program of the server, from Debian's package openssh-server."""

needs_proxies = pytest.mark.skipif(
    not hasattr(NodeManager, "_getpxspecs"), reason="this pytest-xdist has no --px"
)
"""Older versions have none, and say so only by an error of usage."""

SOCKET_SERVER = "execnet.script.socketserver"
"""The module of execnet's socket server, which is run as a program."""

PLUGIN = "pytest-markersteal"

_LOG = "server.log"
_START_LIMIT_S = 60.0
"""How long a server may take to start on a busy machine; it takes a tenth of a second."""


def clean_environment() -> dict[str, str]:
    """The variables of this process, but for those of the run that it belongs to."""
    foreign = ("PYTEST_", "COV_", "CI", "MARKERSTEAL_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def other_python() -> Path | None:
    """An interpreter of another version that this plugin supports, if there is one.

    All that the plugin requires with that version must be installed here, to be linked from here:
    older ones require more.
    """
    folders = [*os.environ["PATH"].split(os.pathsep), *Path.home().glob(".pyenv/versions/*/bin")]
    for minor in range(19, 9, -1):
        is_fit = minor != sys.version_info.minor and _is_all_here(f"3.{minor}")
        for folder in folders if is_fit else ():
            found = Path(folder, f"python3.{minor}")
            # pyenv has programs on the path that only say that a version is not chosen.
            if found.exists() and not subprocess.run([found, "-V"], capture_output=True).returncode:
                return found
    return None


def _is_all_here(version: str) -> bool:
    """Whether all is installed in this environment that the plugin requires with that Python."""
    try:
        _with_requirements([PLUGIN], version)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


class Host:
    """A folder in which workers run, and a virtual environment that they run in."""

    def __init__(
        self,
        path: Path,
        *distributions: str,
        interpreter: str = sys.executable,
    ) -> None:
        """Make both in ``path``; what is installed are ``distributions`` and what they require.

        That is linked from this process's own environment, as a download for each host would take
        long.
        """
        self.folder = path / "folder"
        self.folder.mkdir(parents=True)
        environment = path / "env"
        command = [interpreter, "-m", "venv", "--without-pip", str(environment)]
        subprocess.run(command, check=True, env=clean_environment())
        self.python = environment / "bin" / "python"
        self.packages = next(environment.glob("lib/python*/site-packages"))
        # What would be compiled is not this host's own, and would name files that soon are gone.
        (self.packages / "shared.pth").write_text("import sys; sys.dont_write_bytecode = True\n")
        version = self.packages.parent.name.removeprefix("python")
        for name in _with_requirements(distributions, version):
            self._link(name)

    def _link(self, distribution: str) -> None:
        files = importlib.metadata.files(distribution)
        assert files is not None, f"{distribution} has no list of files"
        for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            source = next(Path(str(f.locate())) for f in files if f.parts[0] == top)
            while source.name != top:
                source = source.parent
            (self.packages / top).symlink_to(source)

    def where(self) -> str:
        """As parts of an execnet spec: with what Python, and in which folder."""
        return f"python={self.python}//chdir={self.folder}"


def _with_requirements(distributions: Sequence[str], version: str) -> set[str]:
    """What an installer would install for ``distributions`` with that version of Python."""
    environment = {"python_version": version, "extra": ""}
    found: set[str] = set()
    pending = [*distributions]
    while pending:
        name = canonicalize_name(pending.pop())
        if name in found:
            continue
        found.add(name)
        for line in importlib.metadata.requires(name) or ():
            required = Requirement(line)
            if required.marker is None or required.marker.evaluate(environment):
                pending.append(required.name)
    return found


class SshServer:
    """An OpenSSH server that lets in who has the key in the client's settings."""

    def __init__(self, client: Path, pid: int) -> None:
        self.client = client
        """Settings for ``ssh -F``; with them every name leads to this server."""
        self.pid = pid

    def spec(self, host: Host, *more: str, name: str = "server") -> str:
        """The execnet spec of a worker on ``host``, which is called ``name``."""
        parts = [f"ssh={name}", f"ssh_config={self.client}", host.where(), *more]
        return "//".join(parts)


@contextmanager
def ssh_server(path: Path, place: Place = LOOPBACK) -> Iterator[SshServer]:
    """An OpenSSH server with keys and settings in the new folder ``path``."""
    assert SSHD is not None, "where CI is set, sshd must be there: make servers"
    path.mkdir(mode=0o700)
    for key in ("of_server", "of_user"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path / key)]
        subprocess.run(command, check=True)
    public = (path / "of_server.pub").read_text()
    (path / "known").write_text(f"* {public}")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # Without it, it does not start for root.
    with PortManager(PORTS).port() as port:
        (path / "server.conf").write_text(
            f"ListenAddress {place.address}\n"
            f"Port {port}\n"
            f"HostKey {path}/of_server\n"
            f"AuthorizedKeysFile {path}/of_user.pub\n"
            # The folder for temporary files belongs to everybody.
            "StrictModes no\n"
            "PermitRootLogin yes\n"
            "PasswordAuthentication no\n"
            "MaxStartups 100\n"
            "PidFile none\n"
        )
        (path / "client.conf").write_text(
            "Host *\n"
            f"  HostName {place.address}\n"
            f"  Port {port}\n"
            f"  IdentityFile {path}/of_user\n"
            "  IdentitiesOnly yes\n"
            "  BatchMode yes\n"
            f"  UserKnownHostsFile {path}/known\n"
            "  GlobalKnownHostsFile none\n"
            "  LogLevel ERROR\n"
        )
        command = place.command(SSHD, "-D", "-f", path / "server.conf", "-e")
        with _started(command, path) as process:
            wait_for_port(port, process=process, timeout_s=_START_LIMIT_S, host=place.address)
            yield SshServer(path / "client.conf", process.pid)


class SocketServer:
    """execnet's socket server on a host: it runs one worker, or one proxy of workers."""

    def __init__(self, address: str, pid: int) -> None:
        self.address = address
        """Host and port."""
        self.pid = pid

    @property
    def spec(self) -> str:
        """The execnet spec of its worker; that runs in the host's folder."""
        return f"socket={self.address}//chdir=."


@contextmanager
def socket_server(host: Host, place: Place = LOOPBACK) -> Iterator[SocketServer]:
    """execnet's socket server on ``host``."""
    with PortManager(PORTS).port() as port:
        address = f"{place.address}:{port}"
        server = [host.python, "-um", SOCKET_SERVER, address]
        with _started(place.command(*server), host.folder) as process:
            log = host.folder / _LOG
            # To connect would be to ask for a worker.
            wait_for_condition(
                lambda: "Accept loop" in log.read_text() or process.poll() is not None,
                timeout_s=_START_LIMIT_S,
            )
            assert process.poll() is None, log.read_text()
            yield SocketServer(address, process.pid)


@contextmanager
def _started(command: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server in ``folder``; it is killed at the end with the workers that it runs itself."""
    with (folder / _LOG).open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
