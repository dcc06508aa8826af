"""The parts of the reference that are read from the code, written into its pages.

They stand between two comments, of which the first names what is to be told, and maybe of what::

    <!-- generated: options -->
    ...
    <!-- end -->

So the pages are the same on the site and where the repository is read. ``make reference`` renews
them.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from reference.command_line import commands, exit_codes
from reference.file_formats import files, printed, records
from reference.plugin_parts import fixtures, hooks, marks
from reference.python_names import python_names
from reference.settings import ini_values, options

PAGES = Path(__file__).parents[2] / "reference"

GENERATORS: dict[str, Callable[..., Iterable[str]]] = {
    "commands": commands,
    "exit-codes": exit_codes,
    "files": files,
    "fixtures": fixtures,
    "hooks": hooks,
    "ini": ini_values,
    "marks": marks,
    "options": options,
    "printed": printed,
    "python": python_names,
    "records": records,
}
"""Each gives lines of Markdown."""

_PART = re.compile(
    r"^(?P<indent> *)<!-- generated: (?P<what>[^\n]*?) -->\n"
    r"(?:(?! *<!-- generated:)[^\n]*\n)*? *<!-- end -->$",
    re.MULTILINE,
)


def renewed(page: str) -> str:
    """The text of a page, with its generated parts as the code has them now.

    ``ValueError`` where it asks for what nothing generates, or a part has no end.
    """
    if "<!-- generated:" in _PART.sub("", page):
        raise ValueError("a generated part has no <!-- end -->")
    return _PART.sub(_part, page)


def stale() -> Iterator[tuple[Path, str]]:
    """The pages that are not as they should be, and what they should be."""
    for path in sorted(PAGES.glob("*.md")):
        page = path.read_text(encoding="utf-8")
        new = renewed(page)
        if new != page:
            yield path, new


def _part(found: re.Match[str]) -> str:
    name, *arguments = found["what"].split()
    if name not in GENERATORS:
        raise ValueError(
            f"there is no {name!r} to be generated; choose from {', '.join(GENERATORS)}"
        )
    text = "\n".join(GENERATORS[name](*arguments)).strip("\n")
    lines = f"<!-- generated: {found['what']} -->\n\n{text}\n\n<!-- end -->"
    return textwrap.indent(lines, found["indent"])
