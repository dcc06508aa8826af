"""What can be imported from a module."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module


def python_names(module_name: str) -> Iterator[str]:
    """Everything in the module's ``__all__`` but its version, with signatures and docstrings."""
    module = import_module(module_name)
    for name in sorted(set(module.__all__) - {"__version__"}):
        value = getattr(module, name)
        kind = "function"
        if inspect.isclass(value):
            kind = "exception" if issubclass(value, BaseException) else "class"
        # Nobody makes an instance of a protocol, so what it would take is beside the point.
        signature = "()" if getattr(value, "_is_protocol", False) else ""
        yield from ("```{eval-rst}", f".. auto{kind}:: {module_name}.{name}{signature}")
        if kind == "class":
            yield "   :members:"
        yield from ("```", "")
