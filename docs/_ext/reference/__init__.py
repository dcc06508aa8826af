"""The directive ``generated``: what the reference says is read from the code.

It names what is to be told, and maybe of what. Its content is for those who read the page on a code
host, and is not on the site::

    ```{generated} options
    On the site: what `pytest --help` prints of the plugin.
    ```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from reference.command_line import commands, exit_codes
from reference.file_formats import files, printed, records
from reference.plugin_parts import fixtures, hooks, marks
from reference.python_names import python_names
from reference.settings import ini_values, options

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


class Generated(SphinxDirective):
    """What one of ``GENERATORS`` gives, with the arguments behind its name."""

    required_arguments = 1
    optional_arguments = 20
    has_content = True
    option_spec: ClassVar[dict[str, Callable[[str], object]]] = {}

    def run(self) -> list[nodes.Node]:
        """Make it part of the page."""
        name, *arguments = self.arguments
        if name not in GENERATORS:
            raise self.error(f"there is no {name!r}; choose from {', '.join(GENERATORS)}")
        text = "\n".join(GENERATORS[name](*arguments))
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Let pages use the directive."""
    app.add_directive("generated", Generated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
