"""Puts marks into a source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import libcst as cst

from pytest_markersteal.races.propose.editing.module import Definition, Edit, Source
from pytest_markersteal.races.propose.editing.present import is_plain, literal, mark_in, texts
from pytest_markersteal.races.propose.model import SHARED_RESOURCE, Mark
from pytest_markersteal.races.propose.placing import Place, in_one


def with_marks(
    source: bytes, marks: Mapping[Place, Sequence[Mark]]
) -> tuple[bytes, dict[Place, str]]:
    """``source`` with ``marks`` added at places in it, and at which that was not possible, and why.

    A mark that is there already is not added again. ``SourceError`` if it can't be read.
    """
    module = Source(source)
    adding = _Adding(module)
    missed = {
        place: why for place, some in marks.items() if (why := adding.add(place, in_one(some)))
    }
    return module.edited(adding.edits()), missed


class _Adding:
    """Puts marks into a module."""

    def __init__(self, module: Source) -> None:
        self._module = module
        self._own: list[Edit] = []
        self._pytestmark: list[str] = []
        """What there is to be set for the module, where it sets nothing yet."""
        self._uses_pytest = False

    def add(self, place: Place, marks: Sequence[tuple[str, list[str]]]) -> str:
        """Put in ``marks``, names with arguments; why not, where it isn't possible."""
        if not place.classes and not place.function:
            return self._add_to_module(marks)
        definitions = self._module.definitions(place)
        if not definitions:
            return "it is not defined there: it is inherited, or made by a program"
        for definition in definitions:
            decorators = [decorator.decorator for decorator in definition.decorators]
            for name, arguments in marks:
                for text in self._new(decorators, name, arguments):
                    self._decorate(definition, text)
        return ""

    def edits(self) -> list[Edit]:
        """All edits, with the import of pytest if it is needed."""
        first = []
        if self._uses_pytest and self._module.head.mark is None:
            first.append(_import_edit(self._module))
        if self._pytestmark:
            marks = ", ".join(self._pytestmark)
            value = marks if len(self._pytestmark) == 1 else f"[{marks}]"
            first.append(_pytestmark_edit(self._module, f"pytestmark = {value}"))
        return [*first, *self._own]

    def _add_to_module(self, marks: Sequence[tuple[str, list[str]]]) -> str:
        value = self._module.head.pytestmark
        if value is None:
            if self._module.head.sets_pytestmark_oddly:
                return "it sets pytestmark in a way that can't be edited"
            for name, arguments in marks:
                self._pytestmark.append(self._mark(name, arguments))
            return ""
        elements = (
            [element.value for element in value.elements]
            if isinstance(value, cst.List)
            else [value]
        )
        new = [text for name, arguments in marks for text in self._new(elements, name, arguments)]
        if new:
            self._own += self._listed(value, new)
        return ""

    def _listed(self, value: cst.BaseExpression, new: Sequence[str]) -> Iterator[Edit]:
        """Edits that make ``value`` a list that ends in ``new``."""
        since, until = self._module.span(value)
        if not isinstance(value, cst.List):
            yield Edit(since, since, "[")
            yield Edit(until, until, f", {', '.join(new)}]")
        elif value.elements:
            yield self._behind(value.elements[-1], ", ".join(new))
        else:
            _, inside = self._module.span(value.lbracket)
            yield Edit(inside, inside, ", ".join(new))

    def _behind(self, last: cst.Element | cst.Arg | cst.BaseElement, text: str) -> Edit:
        """An edit that puts ``text`` behind the last one of several, which may have a comma."""
        if isinstance(last.comma, cst.Comma):
            since, _ = self._module.span(last.comma)
            return Edit(since + 1, since + 1, f" {text},")
        _, until = self._module.span(last)
        return Edit(until, until, f", {text}")

    def _new(
        self, present: Iterable[cst.BaseExpression], name: str, arguments: Sequence[str]
    ) -> Iterator[str]:
        """Marks to be added to those ``present``; keys go into one that there is, if one can."""
        found = [one for one in present if mark_in(one, name, self._module.head.mark)]
        if name != SHARED_RESOURCE:
            if arguments:
                if any(texts(mark) == list(arguments) for mark in found):
                    return
            elif found:
                return
            yield self._mark(name, arguments)
            return
        plain = [mark for mark in found if isinstance(mark, cst.Call) and is_plain(mark)]
        held = {text for mark in plain for text in texts(mark)}
        missing = [key for key in arguments if key not in held]
        if missing and plain:
            self._own.append(self._behind(plain[0].args[-1], self._written(missing)))
        elif missing:
            yield self._mark(name, missing)

    def _mark(self, name: str, arguments: Sequence[str]) -> str:
        self._uses_pytest = True
        base = self._module.head.mark or "pytest.mark"
        called = f"({self._written(arguments)})" if arguments else ""
        return f"{base}.{name}{called}"

    def _written(self, arguments: Sequence[str]) -> str:
        return ", ".join(literal(one, self._module.encoding) for one in arguments)

    def _decorate(self, definition: Definition, text: str) -> None:
        first = definition.decorators[0] if definition.decorators else definition
        begin, _ = self._module.span(first)
        line, _ = self._module.line_of(begin)
        indent = self._module.text(line, begin)
        self._own.append(Edit(line, line, f"{indent}@{text}{self._module.newline}"))


def _import_edit(module: Source) -> Edit:
    newline, head = module.newline, module.head
    line = f"import pytest{newline}"
    if head.import_before is not None:
        since, _ = module.line_of(module.span(head.import_before)[0])
        return Edit(since, since, line + newline * head.import_before_is_local)
    if head.last is not None:
        return _behind_line(module, head.last, newline + line)
    since = _first_line(module)
    return Edit(since, since, f"{line}{newline}{newline}")


def _pytestmark_edit(module: Source, line: str) -> Edit:
    newline, head = module.newline, module.head
    if head.last is not None:
        return _behind_line(module, head.last, f"{newline}{line}{newline}")
    since = _first_line(module)
    return Edit(since, since, f"{line}{newline}{newline}{newline}")


def _behind_line(module: Source, node: cst.CSTNode, text: str) -> Edit:
    _, end = module.line_of(module.span(node)[1])
    return Edit(end, end, text)


def _first_line(module: Source) -> int:
    """Where code may begin: behind the comments of the file, before those of what comes first."""
    offset = blank = 0
    for line in module.utf8.splitlines(keepends=True):
        if not line.strip():
            blank = offset + len(line)
        elif not line.lstrip().startswith(b"#"):
            break
        elif offset == blank and (line.startswith(b"#!") or b"coding" in line):
            blank = offset + len(line)  # It must stay on top.
        offset += len(line)
    return blank
