"""A laboratory for faults: inner runs with real workers, and an oracle over what they left behind.

Every process of an inner run appends JSON lines to one file, whose order is the order of events.
The oracle replays it: see ``ledger``.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

import database_servers
import pytest
import remote_cores
import remote_hosts
import remote_places
from ledger import Ledger
from remote_cores import CoreShare
from remote_hosts import Host, SshServer
from remote_places import Place

# What is started here is to hear of them, also where this was started by a script with "&", or by
# nohup, and so ignores them.
for _signal in (one for one in signal.Signals if one.name in ("SIGINT", "SIGHUP")):
    if signal.getsignal(_signal) is signal.SIG_IGN:
        signal.signal(_signal, signal.SIG_DFL)

RUN_LIMIT_S = 90
"""After this, an inner run counts as hung: ten times what the slowest takes."""
POLL_S = 0.01
SILENT = (
    "asyncio",
    "cacheprovider",
    "cov",
    "django",
    "faulthandler",
    "hypothesispytest",
    "randomly",
)
"""Plugins that an inner run does without: they cost time, or print what is no concern here."""

HELPERS = '''
import ctypes, json, os, signal, time
from pathlib import Path


def note(**fields):
    """Append one line to the log; one write, so lines of several processes never mix."""
    line = json.dumps({**fields, "pid": os.getpid(), "at_ns": time.monotonic_ns()}) + "\\n"
    handle = os.open(HERE / "events.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)


def touch(name):
    (HERE / name).touch()


def first(name):
    """Whether this is the first call with this name in all processes."""
    try:
        os.close(os.open(HERE / name, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def wait_for(name, limit_s=40):
    until_s = time.monotonic() + limit_s
    while not (HERE / name).exists():
        assert time.monotonic() < until_s, f"{name} never came"
        time.sleep(0.005)


def seen(kind):
    """How many events of a kind have been logged."""
    # Whoever reads while another writes may see a part of the last line.
    lines = (HERE / "events.jsonl").read_text().split("\\n")[:-1]
    return sum(json.loads(line)["event"] == kind for line in lines)


def wait_until(condition, limit_s=40):
    until_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until_s, "the condition never came true"
        time.sleep(0.005)


def die(how="exit"):
    if how == "exit":
        os._exit(1)
    elif how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    ctypes.string_at(0)
'''

CONFTEST = """
import json, os
import pytest
from lab import *


def pytest_configure(config):
    if hasattr(config, "workerinput"):
        note(event="up", worker=config.workerinput["workerid"],
             slot=os.environ.get("PYTEST_MARKERSTEAL_SLOT"))
    else:
        config.pluginmanager.register(Controller(), "lab-controller")


class Controller:
    failed = 0

    def pytest_runtest_logstart(self, nodeid):
        note(event="start told", nodeid=nodeid)

    def pytest_runtest_logreport(self, report):
        if report.outcome == "failed":
            self.failed += 1
            touch(f"failure-told-{self.failed}")
        note(event="report", nodeid=report.nodeid, when=report.when, outcome=report.outcome,
             worker=report.node.gateway.id, text=str(report.longrepr or ""))

    @pytest.hookimpl(tryfirst=True)
    def pytest_testnodedown(self, node, error):
        note(event="down", worker=node.gateway.id, error=str(error) if error else None)

    def pytest_xdist_node_collection_finished(self, node, ids):
        note(event="collected", worker=node.gateway.id, ids=list(ids))


def _claims(item):
    return {
        "serial": item.get_closest_marker("serial") is not None,
        "no_parallel": item.get_closest_marker("no_parallel") is not None,
        "keys": [key for mark in item.iter_markers("shared_resource") if not mark.kwargs
                 for key in mark.args],
    }


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    note(event="begin", worker=worker, nodeid=item.nodeid, **_claims(item))
    result = yield
    note(event="end", worker=worker, nodeid=item.nodeid)
    return result
"""


class Lab:
    """One directory with an inner suite, and the inner run in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.process: subprocess.Popen[bytes] | None = None
        # Told, as workers on other hosts have a copy of this file.
        (path / "lab.py").write_text(f"{HELPERS}\n\nHERE = Path({str(path)!r})\n")
        self.conftest("")
        (path / "pytest.ini").write_text("[pytest]\n")

    def conftest(self, more: str) -> None:
        """Write the inner conftest: what records, and ``more``."""
        (self.path / "conftest.py").write_text(f"{CONFTEST}\n{more}\n")

    def module(self, source: str, name: str = "test_inner") -> None:
        """Write an inner test module, which has the helpers at hand."""
        text = f"import os, signal, sys, time\nimport pytest\nfrom lab import *\n{source}\n"
        (self.path / f"{name}.py").write_text(text)

    def copy_to(self, host: Host) -> None:
        """Give ``host`` the inner suite as it is now."""
        ignored = shutil.ignore_patterns(".*", "__pycache__", "*.txt", "*.jsonl")
        shutil.copytree(self.path, host.folder, ignore=ignored, dirs_exist_ok=True)

    def start(
        self,
        *args: str,
        workers: int | None = 2,
        dist: str = "markersteal",
        plugins: Collection[str] = (),
    ) -> None:
        """Start the inner run as leader of a process group of its own, with some of ``SILENT``.

        With ``workers=None``, it is for ``args`` to say which there are.
        """
        silent = [f"-pno:{name}" for name in SILENT if name not in plugins]
        count = [] if workers is None else [f"-n{workers}"]
        self._start("pytest", *silent, *count, f"--dist={dist}", *args)

    def start_command(self, *args: str) -> None:
        """Start ``markersteal`` in the same way; its temporary files are in ``temporary``."""
        silent = [f"-pno:{name}" for name in SILENT]
        (self.path / "temporary").mkdir()
        own = {"TMPDIR": str(self.path / "temporary")}
        self._start("pytest_markersteal.cli", *args, "--", *silent, environment=own)

    def _start(self, module: str, *args: str, environment: Mapping[str, str] | None = None) -> None:
        with open(self.path / "output.txt", "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *args],
                cwd=self.path,
                env={**remote_hosts.clean_environment(), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def finish(self, limit_s: float = RUN_LIMIT_S) -> Ledger:
        """Wait for the inner run to end by itself."""
        assert self.process is not None
        try:
            status = self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.abandon()
            pytest.fail(f"the run never ended; its output:\n{self.output()}")
        return Ledger(status, self.output(), self.events())

    def run(
        self,
        *args: str,
        workers: int | None = 2,
        dist: str = "markersteal",
        plugins: Collection[str] = (),
    ) -> Ledger:
        """Start and finish."""
        self.start(*args, workers=workers, dist=dist, plugins=plugins)
        return self.finish()

    def output(self) -> str:
        """What the inner run has printed so far."""
        return (self.path / "output.txt").read_text(errors="replace")

    def events(self) -> list[dict[str, object]]:
        """What the inner run has logged so far, but for a line that is being written."""
        log = self.path / "events.jsonl"
        lines = log.read_text().split("\n")[:-1] if log.exists() else []
        return [json.loads(line) for line in lines]

    def count(self, kind: str) -> int:
        """How many events of a kind the inner run has logged so far."""
        return sum(event["event"] == kind for event in self.events())

    def touch(self, name: str) -> None:
        """Let an inner test go on that waits for ``name``."""
        (self.path / name).touch()

    def wait_for(self, name: str) -> None:
        """Wait until an inner test touches ``name``."""
        self.wait_until((self.path / name).exists)

    def wait_until(self, condition: Callable[[], bool], limit_s: float = RUN_LIMIT_S) -> None:
        """Wait for ``condition``, while the inner run lives."""
        until_s = time.monotonic() + limit_s
        while not condition():
            assert self.process is not None
            if self.process.poll() is not None and not condition():
                pytest.fail(f"the run ended too early; its output:\n{self.output()}")
            if time.monotonic() > until_s:
                self.abandon()
                pytest.fail(f"waited in vain; the output:\n{self.output()}")
            time.sleep(POLL_S)

    def worker_pids(self) -> dict[str, int]:
        """The process of each worker that ever came up."""
        return {str(e["worker"]): int(str(e["pid"])) for e in self.events() if e["event"] == "up"}

    def leftovers(self, limit_s: float = 20.0) -> dict[str, int]:
        """Workers that still live after ``limit_s`` seconds."""
        until_s = time.monotonic() + limit_s
        while True:
            alive = {name: pid for name, pid in self.worker_pids().items() if _is_alive(pid)}
            if not alive or time.monotonic() > until_s:
                return alive
            time.sleep(POLL_S)

    def abandon(self) -> None:
        """Kill whatever is left of the inner run: it is a process group of its own."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with contextlib.suppress(OSError):
        # A zombie that init has not reaped yet is dead enough.
        stat = Path(f"/proc/{pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] != "Z"
    return not Path("/proc/self").exists()


@pytest.fixture
def lab(pytester: pytest.Pytester) -> Iterator[Lab]:
    """An empty laboratory; whatever still runs in it at the end is killed."""
    lab = Lab(pytester.path)
    yield lab
    lab.abandon()


@pytest.fixture(scope="module")
def new_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Lab]]:
    """Makes laboratories that tests of a module can share."""
    labs: list[Lab] = []

    def make() -> Lab:
        labs.append(Lab(tmp_path_factory.mktemp("lab")))
        return labs[-1]

    yield make
    for lab in labs:
        lab.abandon()


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The URL of a database ``shop``, which is not there, on a PostgreSQL that is."""
    with database_servers.postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """The URL of a database ``shop``, which is not there, on a MariaDB that is."""
    if database_servers.MARIADB is None and "CI" not in os.environ:
        pytest.skip("there is no mariadbd: install it with 'make servers' as root, or with apt")
    with database_servers.mariadb() as url:
        yield url


@pytest.fixture(scope="session")
def new_host(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Host]:
    """Makes hosts that have this plugin; or, with arguments, those distributions."""

    def make(*distributions: str, interpreter: str = sys.executable) -> Host:
        wanted = distributions or (remote_hosts.PLUGIN,)
        return Host(tmp_path_factory.mktemp("host"), *wanted, interpreter=interpreter)

    return make


@pytest.fixture(scope="session")
def other_python() -> Path:
    """The path of an interpreter of another version."""
    found = remote_hosts.other_python()
    if found is None:
        pytest.skip("there is no other version of Python for which all packages are here")
    return found


@pytest.fixture(scope="session")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """An OpenSSH server on the loopback address."""
    if remote_hosts.SSHD is None and "CI" not in os.environ:
        pytest.skip("there is no sshd: install it with 'make servers' as root, or with apt")
    with remote_hosts.ssh_server(tmp_path_factory.mktemp("ssh") / "server") as server:
        yield server


@pytest.fixture(scope="module")
def new_network() -> Iterator[Callable[[], Place]]:
    """Makes networks, each with an address of its own, that this machine reaches."""
    if remote_places.IP is None and "CI" not in os.environ:
        pytest.skip("networks of one's own need Linux, root, and ip of iproute2")
    with contextlib.ExitStack() as networks:
        yield lambda: networks.enter_context(remote_places.network_namespace())


@pytest.fixture(scope="session")
def ahead_of_clocks() -> Callable[[int], Place]:
    """Makes places whose steady clocks are so many seconds ahead of this machine's."""

    def make(ahead_s: int) -> Place:
        try:
            return remote_places.ahead_of_clocks(ahead_s)
        except OSError as error:
            if "CI" in os.environ:
                raise
            pytest.skip(f"clocks of one's own need root and Linux with time namespaces: {error}")

    return make


@pytest.fixture
def new_core_share() -> Iterator[Callable[[], CoreShare]]:
    """Makes groups of processes whose share of the cores is what tests say."""
    with contextlib.ExitStack() as shares:

        def make() -> CoreShare:
            try:
                return shares.enter_context(remote_cores.core_share())
            except OSError as error:
                pytest.skip(f"control groups of one's own need root and Linux: {error}")

        yield make
