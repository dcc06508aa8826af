"""Real workers behind a delay, beside what is simulated: the last table of docs/many-hosts.md.

    python bench/far_workers.py [--rounds 1] [--delays-ms 0,10,100] [--source OTHER/src]

Four execnet socket servers on the loopback address, each behind a proxy that hands on every byte
so much later, run 400 tests of 5 to 20 ms. The second run of each knows the durations. With
--source, controller and workers import the package from there: another version, to compare with.
Run it with the Python of an environment that has the package.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from measuring import measure

from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.workloads import Workload, workload_of
from pytest_markersteal.trace.folder import traces
from pytest_markersteal.trace.model import TestRun, Trace
from pytest_markersteal.trace.reader import read

WORKERS = 4
_ONLY = ("-p", "xdist.plugin", "-p", "pytest_markersteal.plugin", "-p", "no:cacheprovider")


def workload() -> Workload:
    """Eight modules of 50 tests that sleep."""
    chance = random.Random("far")
    seconds = {
        f"test_{module}.py::test_{number:02}": round(chance.uniform(0.005, 0.02), 4)
        for module in range(8)
        for number in range(50)
    }
    return workload_of("far", seconds, {})


def write(suite: Path, wanted: Workload) -> None:
    sources: dict[str, list[str]] = {}
    for node_id, seconds in zip(wanted.ids, wanted.duration_s, strict=True):
        file, _, name = node_id.partition("::")
        lines = sources.setdefault(file, ["import time", ""])
        lines += ["", f"def {name}():", f"    time.sleep({seconds})", ""]
    for file, lines in sources.items():
        (suite / file).write_text("\n".join(lines))
    (suite / "pytest.ini").write_text("[pytest]\n")


class Proxies:
    """Hand on to servers what clients say, and back, later; in a thread of their own."""

    def __init__(self, servers: list[int], delay_s: float) -> None:
        self._servers = servers
        self._delay_s = delay_s
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self.ports: list[int] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Proxies:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _listen(self) -> None:
        for server in self._servers:

            async def relay(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: int = server
            ) -> None:
                there, back = await asyncio.open_connection("127.0.0.1", server)
                await asyncio.gather(self._hand_on(reader, back), self._hand_on(there, writer))

            listening = await asyncio.start_server(relay, "127.0.0.1", 0)
            self.ports.append(listening.sockets[0].getsockname()[1])

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            self._loop.call_later(self._delay_s, writer.write, data)
        self._loop.call_later(self._delay_s, writer.close)


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Servers:
    """execnet's own servers, each with a folder for its worker."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.ports = free_ports(WORKERS)
        self._processes = []
        for number, port in enumerate(self.ports):
            (folder / f"host{number}").mkdir()
            process = subprocess.Popen(
                [sys.executable, "-u", "-m", "execnet.script.socketserver", f"127.0.0.1:{port}"],
                cwd=folder / f"host{number}",
                env={**os.environ, **environment},
                stdout=subprocess.PIPE,
                text=True,
            )
            self._processes.append(process)

    def __enter__(self) -> Servers:
        for process in self._processes:
            assert process.stdout is not None
            process.stdout.readline()  # It says that it listens.
            threading.Thread(target=process.stdout.read, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


def real_run(folder: Path, wanted: Workload, delay_s: float, source: str | None) -> Path:
    """The trace of a second run, which knows the durations from the first."""
    suite = folder / "suite"
    suite.mkdir()
    write(suite, wanted)
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    if source:
        environment["PYTHONPATH"] = source
    for number in range(2):
        hosts = folder / f"run{number}"
        hosts.mkdir()
        with Servers(hosts, environment) as servers, Proxies(servers.ports, delay_s) as proxies:
            command: list[str | Path] = [sys.executable, "-m", "pytest", "-q", *_ONLY]
            for host, port in enumerate(proxies.ports):
                chdir = hosts / f"host{host}"
                command += ["--tx", f"socket=127.0.0.1:{port}//chdir={chdir}"]
            command += ["--dist", "markersteal", "--markersteal-record", "always"]
            command += ["--rsyncdir", suite, suite]
            done = measure(command, suite, environment)
        if done.exit_code:
            sys.exit(done.output)
    return traces(suite)[-1]


def main() -> None:
    description, _, epilog = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=description, epilog=epilog, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--delays-ms", default="0,10,100")
    parser.add_argument("--source", metavar="FOLDER")
    options = parser.parse_args()
    wanted = workload()
    print("| delay, one way | simulated s | real s | controller, for a test |\n|---|---|---|---|")
    for delay_ms in map(float, options.delays_ms.split(",")):
        walls_s: list[float] = []
        events_us: list[float] = []
        overheads_s: list[float] = []
        for _ in range(options.rounds):
            with tempfile.TemporaryDirectory(prefix="far-workers-") as folder:
                trace = read(real_run(Path(folder), wanted, delay_ms / 1e3, options.source))
            walls_s.append(trace.ended_s - trace.began_s + delay_ms / 1e3)
            overheads_s.append(overhead_s(trace, wanted))
            assert trace.end is not None
            events_us.append(trace.end.controller_cpu_us / len(trace.tests))
        event_us = statistics.median(events_us)
        costs = Costs(delay_ms / 1e3, event_us / 1e6, statistics.median(overheads_s))
        run = LateBoundRun(wanted, WORKERS, wanted.duration_s, costs)
        cells = (run.run().makespan_s, statistics.median(walls_s))
        seconds = " | ".join(f"{one:.2f}" for one in cells)
        print(f"| {delay_ms:g} ms | {seconds} | {event_us:.0f} us |", flush=True)


def overhead_s(trace: Trace, wanted: Workload) -> float:
    """What this machine took for a test beside its sleep and its waits, in the mean."""
    slept_s = dict(zip(wanted.ids, wanted.duration_s, strict=True))
    lost_s, before = 0.0, dict[int, TestRun]()
    for run in trace.tests:
        last = before.get(run.worker)
        if last is not None and not last.parked:
            lost_s += max(0.0, run.span.since_s - last.span.until_s)
        lost_s += run.busy_s - slept_s[trace.ids[run.test].rpartition("/")[2]]
        before[run.worker] = run
    return lost_s / len(trace.tests)


if __name__ == "__main__":
    main()
