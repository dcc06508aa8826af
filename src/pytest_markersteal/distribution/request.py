"""What the command line asks to run, as far as the controller can tell: it does not collect."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from pytest_markersteal import options
from pytest_markersteal.durations.history import Selection, is_under


@dataclass(frozen=True, slots=True)
class Request:
    """``node_ids`` are those on the command line, or what stands for them, maybe only paths.

    ``filtered``: only some of the tests below them, nobody knows which. ``lasting``: a run of them
    tells what later runs of the same find; not so with ``-k``, ``--lf`` and ``shard``, the part of
    them that is run. ``marks`` is the expression of ``-m``.
    """

    node_ids: tuple[str, ...]
    marks: str
    filtered: bool
    lasting: bool
    shard: options.Shard | None = None

    def includes(self, node_id: str) -> bool:
        """Whether a test may run."""
        return any(is_under(node_id, asked) for asked in self.node_ids)

    def selections(self) -> list[Selection]:
        """The files and folders, each once."""
        paths = dict.fromkeys(node_id.partition("::")[0] for node_id in self.node_ids)
        return [Selection(path, self.marks) for path in paths]


def request_of(config: pytest.Config) -> Request | None:
    """What is asked for; None if that is not, or not only, below the rootdir."""
    node_ids = []
    for argument in config.args:
        path, colons, rest = argument.partition("::")
        try:
            relative = os.path.relpath(config.invocation_params.dir / path, config.rootpath)
        except ValueError:  # Another drive.
            return None
        parts = relative.split(os.sep)
        if parts[0] == os.pardir or not (config.rootpath / relative).exists():
            return None
        place = "" if relative == os.curdir else "/".join(parts)
        node_ids.append(f"{place}{colons}{rest}")
    marks = config.getoption("markexpr", "") or ""
    passing = any(config.getoption(name, None) for name in ("keyword", "lf", "stepwise"))
    single = any("::" in node_id for node_id in node_ids)
    shard = options.shard(config)
    lasting = not (passing or single or shard)
    return Request(tuple(node_ids), marks, bool(marks) or passing, lasting, shard)
