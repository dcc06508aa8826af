"""What is said when a wait gives up: what threads and tasks were doing."""

from __future__ import annotations

import itertools
import sys
import threading
import traceback
from collections.abc import Collection, Iterable, Iterator
from types import FrameType
from typing import Any

_FRAMES_SHOWN = 15
"""Of each stack, the innermost frames; those of pytest itself are further out."""

_HERE = __name__.rpartition(".")[0]


class WaitTimeoutError(TimeoutError):
    """Something that a test waited for did not come; the message shows the stacks of threads."""


def thread_stacks(only: Collection[int] | None = None) -> str:
    """What the threads are doing, all of them or those with the idents in ``only``."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    here = threading.get_ident()
    return "\n".join(
        # Those started below the threading module, as execnet's are, have no name.
        _titled(f"thread {names.get(ident, ident)}", ident == here, traceback.walk_stack(frame))
        # Private by its name only: the documentation of sys has it, for this purpose.
        for ident, frame in sys._current_frames().items()
        if only is None or ident in only
    )


def task_stacks() -> str:
    """What the tasks of the running event loop are doing."""
    import anyio

    here = anyio.get_current_task().id
    return "\n".join(
        _titled(f"task {task.name or task.id}", task.id == here, reversed([*_inwards(task.coro)]))
        for task in anyio.get_running_tasks()
    )


def _titled(title: str, is_here: bool, outwards: Iterable[tuple[FrameType, int]]) -> str:
    frames = list(itertools.dropwhile(_is_ours, outwards))
    inwards = frames[:_FRAMES_SHOWN][::-1]
    lines = [f"{title}{' (waiting here)' if is_here else ''}:\n"]
    if len(frames) > len(inwards):
        lines.append(f"  ... {len(frames) - len(inwards)} outer frames\n")
    lines += traceback.StackSummary.extract(iter(inwards)).format()
    return "".join(lines).rstrip()


def _is_ours(frame: tuple[FrameType, int]) -> bool:
    return str(frame[0].f_globals.get("__name__")).startswith(_HERE)


def _inwards(awaited: Any) -> Iterator[tuple[FrameType, int]]:
    """The frames of a coroutine and of all that it awaits, outermost first."""
    while True:
        # A coroutine, or a generator that stands for one; what is awaited at the very end, such as
        # a future, has no frame.
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is None:
            return
        yield frame, frame.f_lineno
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
