"""Marks in any source: what is put in is all that changes, and can be taken out again."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from pytest_markersteal.races.propose.editing.adding import with_marks
from pytest_markersteal.races.propose.editing.taking import without_mark
from pytest_markersteal.races.propose.model import Mark
from pytest_markersteal.races.propose.placing import Place

PATH = "test_it.py"
MARKS = [Mark("serial"), Mark("shared_resource", "db"), Mark("xdist_group", "api")]
HEADS = [
    "",
    "import pytest",
    '"""Tests.\n\nOf it."""\n\nfrom __future__ import annotations\n\nimport pytest as pt, os',
    "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\n# Of us.",
    "import os\n\nfrom pytest import (\n    fixture,\n    mark,\n)",
    "import os  # why\n\nfrom . import shop",
    "from shop import *",
    "import pytest\n\npytestmark = [pytest.mark.slow]",
    "import pytest\n\npytestmark = pytest.mark.slow  # é",
]
DECORATORS = ["", "@staticmethod", '@pytest.mark.parametrize("n", [1,\n    2])', "# Why. ü"]
BODIES = ["pass", '"""It is\n    here."""', "assert (1 +\n  2) == 3\n    x = '''\n@@@'''"]
INDENTS = ["    ", "\t", "  "]


@st.composite
def sources(draw: st.DrawFn) -> str:
    """Test modules of some functions and classes, all of which have different names."""
    parts = [draw(st.sampled_from(HEADS))]
    indent = draw(st.sampled_from(INDENTS))
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["def", "async def", "class", "if"]))
        above = draw(st.sampled_from(DECORATORS))
        lines = [above] if above and kind != "if" else []
        body = draw(st.sampled_from(BODIES)).replace("\n    x", f"\n{indent}x")
        if kind == "class":
            lines += [f"class Test{number}:", "", f"{indent}def test_in(self): return 1  # in"]
        elif kind == "if":
            lines += ["if True:", f"{indent}def test_{number}(): return 2"]
        else:
            lines += [f"{kind} test_{number}():", f"{indent}{body}"]
        parts.append("\n".join(lines))
    text = draw(st.sampled_from(["\n\n\n", "\n"])).join(parts) + draw(st.sampled_from(["", "\n"]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


def places(source: str) -> list[Place]:
    """All places in ``source``."""
    found = [Place(PATH)]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            found += [Place(PATH, (node.name,)), Place(PATH, (node.name,), "test_in")]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "test_in":
            found.append(Place(PATH, (), node.name))
    return found


def is_within(part: bytes, whole: bytes) -> bool:
    """Whether ``whole`` is ``part`` with something put in."""
    rest = iter(whole)
    return all(byte in rest for byte in part)


@given(source=sources(), data=st.data())
def test_nothing_is_lost_and_twice_is_once(source: str, data: st.DataObject) -> None:
    """What was there is there, in its order; the result is Python; again changes nothing."""
    chosen = data.draw(st.lists(st.sampled_from(places(source)), unique=True))
    wanted = {
        place: sorted(data.draw(st.lists(st.sampled_from(MARKS), min_size=1, unique=True)))
        for place in chosen
    }

    edited, missed = with_marks(source.encode(), wanted)

    assert not missed
    assert is_within(source.encode(), edited)
    ast.parse(edited)
    assert with_marks(edited, wanted) == (edited, {})


@given(source=sources(), mark=st.sampled_from(MARKS), data=st.data())
def test_what_is_put_in_can_be_taken_out(source: str, mark: Mark, data: st.DataObject) -> None:
    """But for an import of pytest, the source is again as it was, byte for byte."""
    definitions = [place for place in places(source) if place.classes or place.function]
    place = data.draw(st.sampled_from(definitions))
    edited, _ = with_marks(source.encode(), {place: [mark]})

    back, done = without_mark(edited, mark, [place])

    assert done == [place]
    newline = b"\r\n" if b"\r\n" in source.encode() else b"\n"
    line = b"import pytest" + newline
    imports = [
        newline * before + line + newline * behind for before in (0, 1) for behind in (0, 1, 2)
    ]
    assert source.encode() in [back, *(back.replace(one, b"", 1) for one in imports)]
