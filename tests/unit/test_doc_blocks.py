"""Every code block in the documentation is run by a test, or it is said why not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.metadata import metadata

from doc_pages import NOT_RUN, ROOT, Block, all_blocks, pages

MARK = "runs_examples"
PAGES = pages()


def claims() -> set[tuple[str, str]]:
    """The pages and languages that tests say they run, by the marks in their sources."""
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        source = path.read_text(encoding="utf-8")
        if MARK in source:
            for node in ast.walk(ast.parse(source)):
                for decorator in getattr(node, "decorator_list", ()):
                    match decorator:
                        case ast.Call(ast.Attribute(attr=attribute), arguments) if (
                            attribute == MARK
                        ):
                            page, *languages = map(ast.literal_eval, arguments)
                            found.update((page, language) for language in languages)
    return found


def is_excused(block: Block) -> bool:
    """Whether it is said why no test runs it."""
    return any(map(block.begins, NOT_RUN.get(block.page, ())))


def to_be_run(page: str) -> Iterator[Block]:
    """The blocks of ``page`` but directives of Sphinx, which the build of the site runs."""
    for block in all_blocks(page):
        if not (is_excused(block) or block.language.startswith("{")):
            yield block


def test_each_block_is_run_or_excused() -> None:
    """A new one that is neither is told with its line."""
    claimed = claims()
    forgotten = [
        f"{page}:{block.line}: no test marked {MARK} runs this {block.language or 'unnamed'} block"
        for page in PAGES
        for block in to_be_run(page)
        if (page, block.language) not in claimed
    ]
    assert not forgotten, "\n".join(forgotten)


def test_each_claim_is_of_a_block() -> None:
    """A test whose page or blocks have gone has nothing to claim."""
    there = {(page, block.language) for page in PAGES for block in to_be_run(page)}
    assert claims() <= there


def test_each_excuse_is_of_one_block() -> None:
    """One that has gone needs none."""
    for page, excuses in NOT_RUN.items():
        for beginning, reason in excuses.items():
            assert reason
            found = [block for block in all_blocks(page) if block.begins(beginning)]
            assert len(found) == 1, (page, beginning)


def test_what_pages_install_of_this_package_is_there() -> None:
    """With the extras that they name."""
    extras = set(metadata("pytest-markersteal").get_all("Provides-Extra") or ())
    named = set()
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for listed in re.findall(r"pytest-markersteal\[([\w,-]*)\]", text):
            named.update(listed.split(","))
    assert named
    assert named <= extras
