"""JUnit XML, as pytest and other tools write it.

It names tests by dotted names, of which it does not say where the file ends: the files that there
are tell. The parser is that of the standard library. A document type is refused as soon as it
begins, and with it entities, which is how small files become large ones; pytest writes none.
"""

from __future__ import annotations

import os
from pathlib import Path
from xml.parsers import expat

from pytest_markersteal.durations.importing import (
    Found,
    ImportFileError,
    UnknownFormatError,
    seconds_of,
)

_ROOTS = ("testsuites", "testsuite")
_NOT_PASSED = ("failure", "error", "skipped", "rerunFailure", "flakyFailure")
_DEEPEST = 64
"""Parts of a dotted name: more are no folders and classes."""


def read_junit(data: bytes) -> Found:
    """The cases in ``data``, still without node ids; ``ImportFileError`` if it is no JUnit XML."""
    cases = _Cases()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = cases.refuse
    parser.EntityDeclHandler = cases.refuse
    parser.StartElementHandler = cases.start
    parser.EndElementHandler = cases.end
    try:
        parser.Parse(data, True)
    except ImportFileError:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise ImportFileError(f"it is damaged XML ({error})") from None
    return cases.found()


def node_id_of(root: Path, classname: str, name: str, file: str) -> str | None:
    """The node id of a case, by the files under ``root``; None if none fits.

    ``file`` is that of the case, "" if it has none. It is the last resort, because there a method
    that is inherited has the file of the class that it comes from.
    """
    parts = classname.split(".") if classname else []
    if parts and len(parts) <= _DEEPEST and not any(map(_is_odd, parts)):
        found = _resolve(os.fspath(root), parts)
        if found is not None:
            return "::".join([*found, name])
    file = file.replace("\\", "/")
    if file and not any(part in ("", ".", "..") for part in file.split("/")):
        module = file.removesuffix(".py").replace("/", ".")
        if os.path.isfile(os.path.join(root, file)) and module in classname:
            holder = classname.partition(module)[2].strip(".")
            return "::".join([file, *filter(None, holder.split(".")), name])
    return None


def _is_odd(part: str) -> bool:
    return not part or any(letter in part for letter in "/\\:\0")


def _resolve(folder: str, parts: list[str], inside: str = "") -> list[str] | None:
    """The file that is meant, and the classes; the deepest file, as that is the one imported.

    Names of folders, and of files that are not Python, may have dots themselves.
    """
    for count in range(1, len(parts) + 1):
        name, rest = ".".join(parts[:count]), parts[count:]
        path = os.path.join(folder, name)
        if rest and os.path.isdir(path):
            found = _resolve(path, rest, f"{inside}{name}/")
            if found is not None:
                return found
        for file in (f"{name}.py", name):
            if os.path.isfile(os.path.join(folder, file)):
                return [inside + file, *rest]
    return None


class _Cases:
    """Collects cases while the parser comes to them."""

    def __init__(self) -> None:
        self._root = ""
        self._case: tuple[str, str, str, float] | None = None
        self._passed: dict[tuple[str, str], tuple[str, str, str, float]] = {}
        self._others: set[tuple[str, str]] = set()

    def refuse(self, *_: object) -> None:
        """There is a document type."""
        raise ImportFileError("it has a document type, which test reports have no need of")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if not self._root:
            self._root = tag
            if tag not in _ROOTS:
                raise UnknownFormatError(f"it is XML, but of <{tag[:40]}> and not of JUnit")
        if tag == "testcase":
            get = attributes.get
            try:
                seconds = float(get("time", "0").replace(",", ""))
            except ValueError:
                raise ImportFileError(f"a test case has the time {get('time')!r:.40}") from None
            self._case = (
                get("classname", ""),
                get("name", ""),
                get("file", ""),
                seconds_of(seconds),
            )
        elif self._case is not None and tag in _NOT_PASSED:
            self._others.add(self._case[:2])

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "testcase" and self._case is not None:
            self._passed[self._case[:2]] = self._case
            self._case = None

    def found(self) -> Found:
        """What there was. A case that is there twice, as after an error in teardown, is one."""
        found = Found("JUnit XML", not_passed=len(self._others))
        found.unnamed = [case for key, case in self._passed.items() if key not in self._others]
        return found
