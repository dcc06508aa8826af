"""Marks, fixtures and hooks of the plugin."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from pytest_markersteal import hookspecs, plugin
from pytest_markersteal.markers import GROUP_REGISTRATION, REGISTRATIONS
from reference.markdown import docstring, plain, table


def marks() -> Iterator[str]:
    """A table of the marks, as they are registered."""
    rows = []
    for registration in (*REGISTRATIONS, GROUP_REGISTRATION):
        signature, _, says = registration.partition(": ")
        says, _, _ = says.rpartition(" (")
        rows.append((f"`@pytest.mark.{signature}`", f"{plain(says)}."))
    yield from table(("mark", "meaning"), rows)


def fixtures() -> Iterator[str]:
    """Each fixture under a heading."""
    for name in sorted(plugin.__all__):
        fixture = getattr(plugin, name)
        yield from (f"## `{name}`", "", docstring(fixture), "")
        yield from (f"Scope: {_scope(inspect.unwrap(fixture))}.", "")


def _scope(function: Callable[..., Any]) -> str:
    """The scope that the decorator of a fixture names."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(definition, ast.FunctionDef)
    for decorator in definition.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "scope":
                return str(ast.literal_eval(keyword.value))
    return "function"


def hooks() -> Iterator[str]:
    """Each hook under a heading."""
    for name, hook in inspect.getmembers(hookspecs, inspect.isfunction):
        parameters = inspect.signature(hook).parameters.values()
        arguments = ", ".join(f"{one.name}: {one.annotation}" for one in parameters)
        returns = inspect.signature(hook).return_annotation
        yield from (f"## `{name}`", "", "```python", f"def {name}({arguments}) -> {returns}: ...")
        yield from ("```", "", docstring(hook), "")
        if hook.pytest_spec["firstresult"]:  # type: ignore[attr-defined] # pluggy adds it.
            yield from ("The first implementation that returns something else than None wins.", "")
