"""Calls that are facts, by their full names. Kinds are those of ``rules``."""

from __future__ import annotations

from collections.abc import Mapping

ENVIRONMENT = "os.environ"
FIRST_PORT = 1024
"""Smaller numbers are rarely ports that a test chose."""

CONTAINER_METHODS = frozenset(
    (
        *("add", "append", "clear", "discard", "extend", "insert"),
        *("pop", "popitem", "remove", "setdefault", "update"),
    )
)

CALLS: Mapping[str, str] = {
    "os.putenv": "environment",
    "os.unsetenv": "environment",
    "os.chdir": "directory",
    "locale.setlocale": "locale",
    "time.tzset": "locale",
    "signal.signal": "signal",
    "random.seed": "seed",
    "numpy.random.seed": "seed",
    "time.sleep": "sleep",
    "threading.Thread": "thread",
    "concurrent.futures.ThreadPoolExecutor": "thread",
    "_thread.start_new_thread": "thread",
    "multiprocessing.Process": "process",
    "concurrent.futures.ProcessPoolExecutor": "process",
    "subprocess.Popen": "process",
    "subprocess.run": "process",
    "subprocess.call": "process",
    "subprocess.check_call": "process",
    "subprocess.check_output": "process",
    "asyncio.gather": "concurrent",
    "asyncio.wait": "concurrent",
    "asyncio.create_task": "concurrent",
    "asyncio.ensure_future": "concurrent",
    "asyncio.TaskGroup": "concurrent",
    "anyio.create_task_group": "concurrent",
    "trio.open_nursery": "concurrent",
}
