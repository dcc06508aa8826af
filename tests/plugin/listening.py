"""A plugin that notes what its process does with sockets and other programs, as audit hooks see it.

Each event is one line of JSON, in one file for all processes of a run.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

LOG = Path(__file__).with_name("listening.jsonl")
SOCKETS = ("socket.__new__", "socket.bind", "socket.connect", "socket.getaddrinfo")
PROGRAMS = ("subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system")


def note(event: str, arguments: tuple[object, ...]) -> None:
    """Append an event in one write, so that lines of several processes never mix."""
    if event in SOCKETS or event in PROGRAMS:
        program = str(arguments[0]) if event == "subprocess.Popen" else ""
        line = json.dumps({"pid": os.getpid(), "event": event, "program": program})
        with LOG.open("ab", buffering=0) as file:
            file.write(f"{line}\n".encode())


sys.addaudithook(note)
