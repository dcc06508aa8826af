"""A parsed module, where in it everything is, and what edits make of it."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper

from pytest_markersteal.races.propose.editing.heads import Head, head_of
from pytest_markersteal.races.propose.placing import Place

Definition = cst.FunctionDef | cst.ClassDef


class SourceError(ValueError):
    """A source that can't be edited; the message says why."""


class Edit(NamedTuple):
    """``text`` instead of what is between two offsets, in bytes of the source in UTF-8."""

    since: int
    until: int
    text: str


class Source:
    """A parsed module, and where in it everything is."""

    def __init__(self, source: bytes) -> None:
        try:
            self.encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
            text = source.decode(self.encoding)
            wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        except (SyntaxError, UnicodeDecodeError, cst.ParserSyntaxError) as error:
            first = str(error).partition("\n")[0]
            raise SourceError(f"it can't be parsed: {first}") from error
        self.tree = wrapper.module
        self.utf8 = text.encode("utf-8")
        if self.tree.code.encode("utf-8") != self.utf8:
            raise SourceError("LibCST does not give it back as it is")
        self._spans: Mapping[cst.CSTNode, CodeSpan] = wrapper.resolve(ByteSpanPositionProvider)
        self.newline = self.tree.default_newline
        self.head: Head = head_of(self.tree)

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Where ``node`` begins and ends, without the white space that is its own."""
        span = self._spans[node]
        return span.start, span.start + span.length

    def line_of(self, offset: int) -> tuple[int, int]:
        """Where the line of ``offset`` begins and ends, its end included."""
        before = self.utf8[:offset]
        since = max(before.rfind(b"\n"), before.rfind(b"\r")) + 1
        return since, self._line_end(offset)

    def _line_end(self, offset: int) -> int:
        for end in range(offset, len(self.utf8)):
            if self.utf8[end : end + 2] == b"\r\n":
                return end + 2
            if self.utf8[end : end + 1] in (b"\n", b"\r"):
                return end + 1
        return len(self.utf8)

    def blank_before(self, offset: int) -> int:
        """Where the blank lines begin that end at ``offset``, which a line begins at."""
        while offset and not self.utf8[(line := self.line_of(offset - 1)[0]) : offset].strip():
            offset = line
        return offset

    def blank_after(self, offset: int) -> int:
        """Where the blank lines end that begin at ``offset``."""
        while offset < len(self.utf8):
            end = self._line_end(offset)
            if self.utf8[offset:end].strip():
                break
            offset = end
        return offset

    def text(self, since: int, until: int) -> str:
        """What is between two offsets."""
        return self.utf8[since:until].decode("utf-8")

    def definitions(self, place: Place) -> list[Definition]:
        """What defines ``place``: several, where it depends on a condition."""
        finder = _Finder([*place.classes, *([place.function] if place.function else [])])
        self.tree.visit(finder)
        wanted = cst.FunctionDef if place.function else cst.ClassDef
        return [found for found in finder.found if isinstance(found, wanted)]

    def edited(self, edits: Sequence[Edit]) -> bytes:
        """What becomes of it."""
        data = self.utf8
        # From the end, so that offsets stay true; of those at one offset, the last one first.
        ordered = sorted(enumerate(edits), key=lambda item: (item[1].since, item[0]))
        for _, edit in reversed(ordered):
            data = data[: edit.since] + edit.text.encode("utf-8") + data[edit.until :]
        return data.decode("utf-8").encode(self.encoding)


class _Finder(cst.CSTVisitor):
    """Finds definitions by their names from the module down, not those within functions."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = list(names)
        self._within: list[str] = []
        self.found: list[Definition] = []

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:  # noqa: N802 # LibCST names it
        self._within.append(node.name.value)
        if self._within == self._names:
            self.found.append(node)
        return True

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:  # noqa: N802 # LibCST names it
        self._within.pop()

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:  # noqa: N802 # LibCST names it
        if [*self._within, node.name.value] == self._names:
            self.found.append(node)
        return False
