"""The file of neighbours: msgpack, replaced in one step.

Nothing in it is needed to run tests, so one that can't be read is as good as none.
"""

from __future__ import annotations

import os
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgpack

from pytest_markersteal.neighbours.model import Neighbours

FOLDER = Path(".markersteal", "neighbours")
FORMAT = "pytest-markersteal neighbours"
VERSION = 1
"""Raised with every change of what is in the file."""

_FILE = "pairs.msgpack"
_DIGEST_BYTES = 8


def load(rootdir: Path) -> Neighbours:
    """What is known of the modules under ``rootdir`` that are as they were."""
    try:
        fields = msgpack.unpackb((rootdir / FOLDER / _FILE).read_bytes())
    except (OSError, ValueError, msgpack.UnpackException):
        return Neighbours()
    known = _checked(fields)
    return known.kept(_contents(rootdir, known))


def save(rootdir: Path, known: Neighbours) -> None:
    """Write what is known of modules that are files under ``rootdir``; ``OSError``."""
    if not known.contents:
        return
    contents = _contents(rootdir, known)
    paths = [path for path in known.contents if path in contents]
    after, beside = known.rows(paths)
    packed = msgpack.packb(
        [FORMAT, VERSION, [[path, contents[path]] for path in paths], _bits(after), _bits(beside)],
        unicode_errors="surrogatepass",
    )
    folder = rootdir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="ascii")
    handle, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(packed)
        os.replace(temporary, folder / _FILE)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _contents(rootdir: Path, known: Neighbours) -> dict[str, bytes]:
    """Of each module that is there, what tells its content from another."""
    found = {}
    for path in known.contents:
        try:
            content = (rootdir / path).read_bytes()
        except (OSError, ValueError):
            continue
        found[path] = blake2b(content, digest_size=_DIGEST_BYTES).digest()
    return found


def _bits(rows: list[int]) -> list[bytes]:
    return [row.to_bytes((row.bit_length() + 7) // 8, "little") for row in rows]


def _checked(fields: Any) -> Neighbours:
    """The neighbours in ``fields``; none, if they are of another form."""
    match fields:
        case [str(form), int(version), list(modules), list(after), list(beside)] if (
            (form, version) == (FORMAT, VERSION)
            and len(modules) == len(after) == len(beside)
            and all(type(row) is bytes for row in (*after, *beside))
            and all(_is_module(module) for module in modules)
        ):
            contents = dict(modules)
            rows = [[int.from_bytes(row, "little") for row in kind] for kind in (after, beside)]
            is_sound = len(contents) == len(modules) and not any(
                row >> len(modules) for kind in rows for row in kind
            )
            return Neighbours(contents, rows[0], rows[1]) if is_sound else Neighbours()
    return Neighbours()


def _is_module(fields: Any) -> bool:
    return type(fields) is list and [type(field) for field in fields] == [str, bytes]
