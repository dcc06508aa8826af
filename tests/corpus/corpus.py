"""The planted faults: what each is, which tests take part, and how it shows.

Each folder beside this file that has a ``fault.toml`` is a small application with its tests. All of
them are innocent but for the culprits and the victims that the manifest names; docs/corpus.md tells
what its entries mean.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it

HOME = Path(__file__).parent
MANIFEST = "fault.toml"
VERSION = 1

KINDS = ("conflict", "flaky", "leak", "order")
COMMANDS = ("locate", "stress", "verify", "watch")
CONDITIONS = {
    "alone": "order",
    "hash seed": "flaky",
    "left": "leak",
    "order": "order or leak",
    "overlap": "conflict",
    "timing": "flaky",
}
"""What shows a fault, and of which kind it then is."""

_NODE_ID = re.compile(r"tests/test_\w+\.py::\S+")
_MARK = re.compile(r"none|serial|shared_resource:\S+")


class ManifestError(ValueError):
    """A manifest that says what can't be; the message names the file, the entry and the way out."""


@dataclass(frozen=True)
class Fault:
    """One planted fault, as its manifest tells of it."""

    folder: Path
    name: str
    """That of the folder."""
    kind: str
    """One of ``KINDS``."""
    story: str
    """One sentence: who does what, and whom it hurts."""
    culprits: tuple[str, ...]
    """Node ids of those that mend it by leaving; of a brittle test, those it needs before it."""
    victims: tuple[str, ...]
    """Node ids of those that fail; none where a leak hurts nobody yet."""
    condition: str
    """One of ``CONDITIONS``."""
    show: tuple[str, ...]
    """Node ids that show it: in this order in one process, or two that overlap."""
    command: str
    """One of ``COMMANDS``, the one that should find it."""
    thing: str
    """What is shared or left: a file, a port, a variable."""
    mark: str
    """What mends it: ``serial``, ``shared_resource:<key>``, or ``none``, where the test must be."""
    probe: str = ""
    """Of a leak, a Python expression whose value tells that the thing was left changed."""
    moment_s: float = 0.0
    """Of a fault of timing, the part of a second at which a victim that starts fails; 0 to 1."""

    @property
    def guilty(self) -> tuple[str, ...]:
        """Culprits and victims, each once; all other tests are innocent."""
        return tuple(dict.fromkeys((*self.culprits, *self.victims)))


def faults(home: Path = HOME) -> list[Fault]:
    """Every planted fault below ``home``, by name; raises ``ManifestError``."""
    return [read(path.parent) for path in sorted(home.glob(f"*/{MANIFEST}"))]


def read(folder: Path) -> Fault:
    """The fault in ``folder``; raises ``ManifestError``."""
    path = folder / MANIFEST
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(f"{path}: {error}") from error
    try:
        fault = _typed(folder, entries)
        _consistent(fault)
    except ManifestError as error:
        raise ManifestError(f"{path}: {error}") from None
    return fault


def _typed(folder: Path, entries: dict[str, Any]) -> Fault:
    """The entries as fields, each of its type."""
    version = entries.pop("version", None)
    if version != VERSION:
        raise ManifestError(f"version is {version!r}; this reader knows {VERSION}")
    values: dict[str, Any] = {"folder": folder}
    for field in dataclasses.fields(Fault)[1:]:
        entry = "fault" if field.name == "name" else field.name
        if entry not in entries:
            if field.default is dataclasses.MISSING:
                raise ManifestError(f"{entry} is missing")
            continue
        value = entries.pop(entry)
        if field.type == "str" and not (isinstance(value, str) and value):
            raise ManifestError(f"{entry} is {value!r}; write some text")
        if field.type == "float" and not (isinstance(value, float) and 0.0 <= value < 1.0):
            raise ManifestError(f"{entry} is {value!r}; write a number from 0.0 to below 1.0")
        if field.type.startswith("tuple"):
            if not isinstance(value, list):
                raise ManifestError(f"{entry} is {value!r}; write a list of node ids")
            for node_id in value:
                if not (isinstance(node_id, str) and _NODE_ID.fullmatch(node_id)):
                    raise ManifestError(
                        f"{entry} has {node_id!r}; node ids are like 'tests/test_pay.py::test_pay'"
                    )
            value = tuple(value)
        values[field.name] = value
    for entry in entries:
        raise ManifestError(f"{entry} is no entry of a manifest; take it out")
    return Fault(**values)


def _consistent(fault: Fault) -> None:
    """Whether the entries go together."""
    if fault.name != fault.folder.name:
        raise ManifestError(f"fault is {fault.name!r}; write {fault.folder.name!r}, as its folder")
    for entry, value, choices in (
        ("kind", fault.kind, KINDS),
        ("command", fault.command, COMMANDS),
        ("condition", fault.condition, tuple(CONDITIONS)),
    ):
        if value not in choices:
            raise ManifestError(f"{entry} is {value!r}; write one of {', '.join(choices)}")
    if not _MARK.fullmatch(fault.mark):
        raise ManifestError(
            f"mark is {fault.mark!r}; write 'none', 'serial' or 'shared_resource:<key>'"
        )
    if fault.kind not in CONDITIONS[fault.condition].split(" or "):
        raise ManifestError(
            f"condition is {fault.condition!r}, which shows a fault of kind "
            f"{CONDITIONS[fault.condition]}, but kind is {fault.kind!r}"
        )
    if not fault.show:
        raise ManifestError("show is empty; name what to run")
    for node_id in fault.victims:
        if node_id not in fault.show:
            raise ManifestError(f"show lacks the victim {node_id}")
    if fault.condition == "overlap" and len(fault.show) != 2:
        raise ManifestError(f"show has {len(fault.show)} tests; name the two that overlap")
    if (fault.mark != "none") != (fault.kind == "conflict"):
        raise ManifestError(f"mark is {fault.mark!r}; marks mend conflicts, and nothing else")
    if bool(fault.probe) != (fault.kind == "leak"):
        raise ManifestError("probe is for leaks, and they all have one")
    if bool(fault.victims) == (fault.condition == "left"):
        raise ManifestError("victims are for all conditions but 'left', which hurts nobody yet")
    if bool(fault.moment_s) != (fault.condition == "timing"):
        raise ManifestError("moment_s is for the condition 'timing', which always has one")
