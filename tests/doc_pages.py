"""The code blocks in the pages of the documentation, for tests that run them.

A test that does is marked ``runs_examples(page, *languages)``: it runs all blocks of the page in
these languages, but those in ``NOT_RUN``. ``unit/test_doc_blocks.py`` finds those that nobody runs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
_TOP = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
"""Pages where a code host looks for them; but for the README the site includes them."""
_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<language>\S*)[^\n]*\n(?P<code>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)

_GENERATED = re.compile(r"^ *<!-- generated: .*?<!-- end -->$", re.MULTILINE | re.DOTALL)
"""Parts of the reference: their examples are those of ``--help``, which have tests of their own."""

_INSTALLS = "it installs from the package index; that the extras exist is checked"
_OWN_SERVER = "it wants a server of one's own; test_howto_pages.py runs the files, with another"
_FORMULA = "it is a formula"
_MATRIX = "it installs many environments from the package index, and takes an hour"

NOT_RUN = {
    "README.md": {"$ make demo": "one runs this test; what the other one runs has a test"},
    "docs/databases.md": {"$ pip install": _INSTALLS},
    "docs/explain.md": {"......": "it is drawn on terminals; test_progress_line.py draws it"},
    "docs/explanation/floor.md": {"floor = E": _FORMULA, "P + sum": _FORMULA},
    "docs/explanation/serial.md": {"serial, or one key": _FORMULA},
    "docs/failing-hosts.md": {
        "ERROR: gw1": "it wants a host of that address; test_hosts_at_start.py has another",
    },
    "docs/how-it-works.md": {"start(n) =": _FORMULA},
    "docs/howto/django.md": {"$ pip install": _OWN_SERVER},
    "docs/howto/fastapi-sqlalchemy.md": {"$ pip install": _OWN_SERVER},
    "docs/howto/postgresql-alembic.md": {"$ pip install": _OWN_SERVER},
    "docs/howto/pytest-asyncio.md": {"$ pip install": _INSTALLS},
    "docs/plugins.md": {
        "$ python bench/plugin_matrix.py": _MATRIX,
        "$ python bench/upstream_suites.py": _MATRIX,
    },
    "docs/shards.md": {"n * E": _FORMULA},
    "docs/stress.md": {"flaky: failed": "it takes 60 runs of a suite, which is a minute"},
    "docs/sync.md": {"$ pip install": _INSTALLS},
}
"""Blocks that no test runs, by page and the beginning of their first line, and why."""


class Block(NamedTuple):
    """A code block: its ``code`` ends with a newline; ``line`` is that of the page, from 1."""

    page: str
    line: int
    language: str
    code: str

    def begins(self, beginning: str) -> bool:
        """Whether its first line, without what indents it, has this ``beginning``."""
        return self.code.lstrip().startswith(beginning)


READ: set[tuple[str, str]] = set()
"""The pages and languages that tests in this process have read."""


def pages() -> list[str]:
    """The names of all pages, as paths from the root of the project."""
    docs = sorted((ROOT / "docs").rglob("*.md"))
    built = ROOT / "docs" / "_build"
    return [*_TOP, *(p.relative_to(ROOT).as_posix() for p in docs if built not in p.parents)]


def all_blocks(page: str) -> list[Block]:
    """The blocks of ``page`` that are written there, in their order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    text = _GENERATED.sub(lambda part: "\n" * part[0].count("\n"), text)
    return [
        Block(
            page,
            text.count("\n", 0, found.start()) + 1,
            found["language"],
            # Not textwrap.dedent: it empties lines of white space, which say something in a diff.
            re.sub(rf"^{found['indent']}", "", found["code"], flags=re.MULTILINE),
        )
        for found in _BLOCK.finditer(text)
    ]


def blocks(page: str, language: str) -> list[str]:
    """The code of the blocks of ``page`` in ``language``."""
    READ.add((page, language))
    return [block.code for block in all_blocks(page) if block.language == language]
