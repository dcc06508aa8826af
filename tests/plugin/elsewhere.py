"""A plugin that makes a process on Linux or macOS as much like one on Windows as it can be.

What is POSIX only is hidden from all that is imported after it: from this package, as ``-p`` comes
before plugins that are installed. ``os.name`` and paths stay as they are, so it says nothing of
files that can't be removed while they are open, nor of drives.
"""

from __future__ import annotations

import asyncio  # noqa: F401 - these choose their system when they are imported
import io
import multiprocessing  # noqa: F401
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile  # noqa: F401
import time
import types

import execnet.gateway_base  # noqa: F401
import xdist.plugin  # noqa: F401

MODULES = (
    *("_posixshmem", "curses", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource"),
    *("syslog", "termios", "tty"),
)
NAMES = {
    os: (
        *("fork", "forkpty", "getegid", "geteuid", "getgid", "getloadavg", "getpgid", "getsid"),
        *(
            "getuid",
            "killpg",
            "mkfifo",
            "nice",
            "posix_spawn",
            "pread",
            "pwrite",
            "register_at_fork",
        ),
        *("sched_getaffinity", "setpgid", "setsid", "statvfs", "sysconf", "uname", "wait"),
        *("O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK"),
    ),
    signal: (
        *("SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGUSR1", "SIGUSR2"),
        *("alarm", "pause", "pthread_kill", "setitimer", "sigwait"),
    ),
    socket: ("AF_UNIX", "SO_REUSEPORT", "socketpair"),
    time: ("tzset",),
}


def locks() -> types.ModuleType:
    """A module ``msvcrt`` with the locks of this system; like those of Windows, they never wait."""
    from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock

    module = types.ModuleType("msvcrt")
    module.LK_NBLCK, module.LK_UNLCK = LOCK_EX | LOCK_NB, LOCK_UN
    module.locking = lambda descriptor, mode, _: flock(descriptor, mode)
    return module


def hide() -> None:
    """Hide what Windows has not, and set what tells where this is."""
    sysconfig.get_paths()  # Which reads a file that is named for the system, once.
    sys.modules["msvcrt"] = locks()
    for name in MODULES:
        sys.modules[name] = None
    for module, names in NAMES.items():
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    # Chosen once, when it is imported; since Python 3.13 it is what workers would be started by.
    subprocess._USE_POSIX_SPAWN = False
    shutil._use_fd_functions = False  # It removes folders by flags that are hidden.
    # An option that can be set here and does no harm.
    socket.SO_EXCLUSIVEADDRUSE = socket.SO_KEEPALIVE
    # pytest asks whether it prints to a console of Windows.
    io._WindowsConsoleIO = type("_WindowsConsoleIO", (), {})
    sys.platform = "win32"


hide()
