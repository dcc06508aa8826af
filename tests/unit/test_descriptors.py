"""Files of bytes, on systems that tell text from bytes too."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

import pytest_markersteal
from pytest_markersteal.descriptors import open_descriptor

PACKAGE = Path(pytest_markersteal.__file__).parent


def test_bytes_are_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows is told so, and flags and mode are passed on."""
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(os, "O_BINARY", 1 << 15, raising=False)
    monkeypatch.setattr(os, "open", lambda *arguments: asked.append(arguments) or 7)

    assert open_descriptor(tmp_path, os.O_RDWR | os.O_CREAT, 0o600) == 7

    assert asked == [(tmp_path, os.O_RDWR | os.O_CREAT | 1 << 15, 0o600)]


def test_nothing_else_opens_descriptors() -> None:
    """Of this package; a file that was opened as text is damaged on Windows only."""
    opening = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "os.open"
    }
    assert opening == {"descriptors.py"}
