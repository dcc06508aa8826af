"""Options of the plugin and its ini values, as it declares them."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_markersteal.declarations import add_options
from reference.declared import Declared
from reference.markdown import plain

_TYPES = {
    None: "text",
    "args": "words, as in a shell",
    "bool": "true or false",
    "linelist": "lines",
}
"""What pytest's types of ini values are, in words."""


def _declared() -> Declared:
    declared = Declared()
    add_options(declared)  # type: ignore[arg-type] # It has what is used of a parser.
    return declared


def options() -> Iterator[str]:
    """Each option of pytest's command line under a heading."""
    for option in sorted(_declared().arguments, key=lambda option: option.names):
        says, _, example = option.help.partition("For example: ")
        yield from (f"## `{option.usage}`", "", plain(says), "")
        if example:
            yield from ("```console", f"$ {example}", "```", "")


def ini_values() -> Iterator[str]:
    """Each ini value under a heading."""
    for name, settings in sorted(_declared().ini.items()):
        yield from (f"## `{name}`", "", plain(settings["help"]), "")
        default = settings.get("default")
        shown = "`false`" if default is False else f"`{default}`" if default else "none"
        yield from (f"Type: {_TYPES[settings.get('type')]}. Default: {shown}.", "")
