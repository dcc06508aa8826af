"""The templates of pages, and what they share."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined

_HERE = files("pytest_markersteal.report.page")


def environment() -> Environment:
    """Templates may import those of this folder."""
    return Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, loader=FunctionLoader(text)
    )


def text(name: str) -> str:
    """What is in the file ``name`` of this folder."""
    return _HERE.joinpath(name).read_text(encoding="utf-8")
