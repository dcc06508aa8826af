"""What can be imported from a module."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from reference.markdown import docstring


def python_names(module_name: str) -> Iterator[str]:
    """Everything in the module's ``__all__`` but its version, with signatures and docstrings."""
    module = import_module(module_name)
    for name in sorted(set(module.__all__) - {"__version__"}):
        value = getattr(module, name)
        if not inspect.isclass(value):
            yield from (f"### `{name}{signature(value)}`", "", docstring(value), "")
            continue
        kind = "exception" if issubclass(value, BaseException) else "class"
        # Nobody makes an instance of a protocol, so what it would take is beside the point.
        has_signature = kind == "class" and not getattr(value, "_is_protocol", False)
        taken = signature(value) if has_signature else ""
        yield from (f"### {kind} `{name}{taken}`", "", docstring(value), "")
        if kind == "class":
            yield from _members(value)


def _members(kind: type) -> Iterator[str]:
    """Each public method and property that says what it is."""
    for name, member in vars(kind).items():
        said = docstring(member)
        is_told = inspect.isfunction(member) or isinstance(member, property)
        if name.startswith("_") or not is_told or not said:
            continue
        taken = "" if isinstance(member, property) else signature(member, without_self=True)
        yield from (f"**`{name}{taken}`**", "", said, "")


def signature(of: Callable[..., Any], *, without_self: bool = False) -> str:
    """What ``of`` takes and returns, as its source has it."""
    found = inspect.signature(of)
    parameters = [
        one.replace(annotation=_as_written(one.annotation), default=_named(one.default))
        for one in found.parameters.values()
    ][without_self:]
    returned = _as_written(found.return_annotation)
    return str(found.replace(parameters=parameters, return_annotation=returned))


class _Written(str):
    """What is shown without quotes."""

    def __repr__(self) -> str:
        return str(self)


def _as_written(annotation: Any) -> Any:
    return _Written(annotation) if isinstance(annotation, str) else annotation


def _named(default: Any) -> Any:
    """A default by its name, where it would be shown by what it is in memory."""
    if isinstance(default, enum.Enum):
        return _Written(f"{type(default).__name__}.{default.name}")
    if inspect.isroutine(default):
        return _Written(f"{default.__module__}.{default.__name__}")
    # Others say where they are in memory, which nobody wants to know.
    return _Written("...") if " object at 0x" in repr(default) else default
