"""Stands in for ``docker``, with the commands and options of its that a page has.

A container is a process that answers as Redis does, and a file of its name below a folder. The
arguments are that folder and what docker would be given.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

SERVER = """
import socketserver, sys

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(b"+PONG\\r\\n" if line == b"PING\\r\\n" else b"-ERR\\r\\n")

class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True

host, port = sys.argv[1:]
Server((host, int(port)), Handler).serve_forever()
"""


def main(folder: Path, *arguments: str) -> None:
    parser = argparse.ArgumentParser(prog="docker", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", allow_abbrev=False)
    run.add_argument("--detach", action="store_true", required=True)
    run.add_argument("--rm", action="store_true", required=True)
    run.add_argument("--label", required=True)
    run.add_argument("--publish", required=True)
    run.add_argument("image", choices=["redis:7"])
    stop = commands.add_parser("stop")
    stop.add_argument("containers", nargs=1)
    remove = commands.add_parser("rm", allow_abbrev=False)
    remove.add_argument("--force", action="store_true", required=True)
    remove.add_argument("containers", nargs="+")
    ps = commands.add_parser("ps", allow_abbrev=False)
    ps.add_argument("--quiet", action="store_true", required=True)
    ps.add_argument("--filter", required=True)
    chosen = parser.parse_args(arguments)
    if chosen.command == "run":
        host, port, inner = chosen.publish.split(":")
        assert inner == "6379"
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, host, port],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        (folder / str(server.pid)).write_text(chosen.label)
        print(server.pid)
    elif chosen.command == "ps":
        label = chosen.filter.removeprefix("label=")
        print(*(path.name for path in folder.iterdir() if path.read_text() == label), sep="\n")
    else:
        for container in chosen.containers:
            (folder / container).unlink()
            os.kill(int(container), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
