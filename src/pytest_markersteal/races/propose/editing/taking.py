"""Takes marks out of a source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import libcst as cst

from pytest_markersteal.races.propose.editing.module import Edit, Source
from pytest_markersteal.races.propose.editing.present import mark_in
from pytest_markersteal.races.propose.model import Mark
from pytest_markersteal.races.propose.placing import Place


def without_mark(source: bytes, mark: Mark, places: Iterable[Place]) -> tuple[bytes, list[Place]]:
    """``source`` without ``mark`` at ``places``, and at which of them it was.

    ``SourceError`` if it can't be read.
    """
    module = Source(source)
    edits = {place: list(_taken_out(module, mark, place)) for place in places}
    every = [edit for some in edits.values() for edit in some]
    return module.edited(every), [place for place, some in edits.items() if some]


def _taken_out(module: Source, mark: Mark, place: Place) -> Iterator[Edit]:
    if place.classes or place.function:
        for definition in module.definitions(place):
            for decorator in definition.decorators:
                yield from _out_of(
                    module, decorator.decorator, mark, _whole_lines(module, decorator)
                )
        return
    value, statement = module.head.pytestmark, module.head.pytestmark_statement
    if isinstance(value, cst.List):
        elements = list(value.elements)
        if len(elements) > 1:
            for number, element in enumerate(elements):
                yield from _out_of(module, element.value, mark, _one_of(module, elements, number))
            return
        value = elements[0].value if elements else None
    if value is not None and statement is not None:
        yield from _out_of(module, value, mark, _whole_paragraph(module, statement))


def _out_of(
    module: Source, expression: cst.BaseExpression, mark: Mark, whole: Edit
) -> Iterator[Edit]:
    """An edit that takes ``mark`` out of ``expression``; ``whole`` takes all of that out."""
    if not mark_in(expression, mark.name, module.head.mark):
        return
    if not mark.argument:
        yield whole
        return
    if not isinstance(expression, cst.Call):
        return
    arguments = list(expression.args)
    positional = [one for one in arguments if one.keyword is None]
    for number, argument in enumerate(arguments):
        node = argument.value
        if isinstance(node, cst.SimpleString) and node.evaluated_value == mark.argument:
            yield whole if len(positional) == 1 else _one_of(module, arguments, number)
            return


def _one_of(module: Source, several: Sequence[cst.Arg | cst.BaseElement], number: int) -> Edit:
    """An edit that takes one of ``several`` away, with one of the commas beside it."""
    since, until = module.span(several[number])
    if number + 1 < len(several):
        return Edit(since, module.span(several[number + 1])[0], "")
    return Edit(module.span(several[number - 1])[1], until, "")


def _whole_paragraph(module: Source, node: cst.CSTNode) -> Edit:
    """An edit that takes out the lines of ``node``, with blank lines on one side of it.

    It is the side where there are fewer; both, if it is at an end of the file.
    """
    first, last, _ = _whole_lines(module, node)
    before, after = module.blank_before(first), module.blank_after(last)
    more_follows = len(module.text(last, after).splitlines()) >= len(
        module.text(before, first).splitlines()
    )
    if before == 0 or after == len(module.utf8):
        return Edit(before, after, "")
    return Edit(before, last, "") if more_follows else Edit(first, after, "")


def _whole_lines(module: Source, node: cst.CSTNode) -> Edit:
    since, until = module.span(node)
    first, _ = module.line_of(since)
    _, last = module.line_of(until)
    return Edit(first, last, "")
