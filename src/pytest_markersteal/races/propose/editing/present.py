"""Marks that a source has."""

from __future__ import annotations

import libcst as cst


def mark_in(expression: cst.BaseExpression, name: str, marks: str | None) -> bool:
    """Whether ``expression`` is the mark ``name``; ``marks`` is how the module calls its marks."""
    called = expression.func if isinstance(expression, cst.Call) else expression
    if not (isinstance(called, cst.Attribute) and called.attr.value == name):
        return False
    owner = called.value
    if isinstance(owner, cst.Attribute):
        return owner.attr.value == "mark"
    return isinstance(owner, cst.Name) and owner.value == (marks or "mark")


def texts(mark: cst.BaseExpression) -> list[str]:
    """The arguments of ``mark`` that are plain strings."""
    if not isinstance(mark, cst.Call):
        return []
    values = [argument.value for argument in mark.args]
    return [
        value
        for node in values
        if isinstance(node, cst.SimpleString) and type(value := node.evaluated_value) is str
    ]


def is_plain(mark: cst.Call) -> bool:
    """Whether it has keys only, and some: no mode, no units, no ``*keys``."""
    return bool(mark.args) and all(
        argument.keyword is None and not argument.star for argument in mark.args
    )


def literal(text: str, encoding: str) -> str:
    """``text`` as Python writes it, in double quotes where that needs no escapes.

    In ASCII, where a source in ``encoding`` can't have it otherwise.
    """
    written = repr(text)
    try:
        written.encode(encoding)
    except UnicodeEncodeError:
        written = ascii(text)
    return f'"{text}"' if written == f"'{text}'" and '"' not in text else written
