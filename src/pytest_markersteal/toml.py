"""TOML: read as the standard library does, written as far as this project writes it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    # pytest needs it for the same reason, and brings it.
    import tomli as tomllib


class TomlError(ValueError):
    """What is no TOML; the message says where in it, and names the file if it is one."""


def read_toml(path: Path) -> dict[str, Any]:
    """What is in the file at ``path``; ``TomlError`` or ``OSError`` if it can't be read."""
    try:
        return parsed(path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise TomlError(f"{path} is not UTF-8: {error}") from error
    except TomlError as error:
        raise TomlError(f"{path} is not TOML: {error}") from error


def parsed(text: str) -> dict[str, Any]:
    """What ``text`` says; ``TomlError`` if it is no TOML."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TomlError(str(error)) from error


def quoted(text: str) -> str:
    """``text`` as a string, or as a key, on one line."""
    # The escapes of JSON are those of TOML, which wants one more.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def listed(texts: Iterable[str]) -> str:
    """``texts`` as an array: what is more than one has a line each."""
    parts = [quoted(text) for text in texts]
    if len(parts) < 2:
        return f"[{''.join(parts)}]"
    return "\n".join(["[", *(f"    {part}," for part in parts), "]"])
