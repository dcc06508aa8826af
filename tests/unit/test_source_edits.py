"""Marks put into sources and taken out of them."""

from __future__ import annotations

import ast

import pytest

from pytest_markersteal.races.propose.editing.adding import with_marks
from pytest_markersteal.races.propose.editing.module import SourceError
from pytest_markersteal.races.propose.editing.sources import Sources
from pytest_markersteal.races.propose.editing.taking import without_mark
from pytest_markersteal.races.propose.model import Mark
from pytest_markersteal.races.propose.placing import Place

DB = Mark("shared_resource", "db")
MAIL = Mark("shared_resource", "mail")
SERIAL = Mark("serial")
GROUP = Mark("xdist_group", "api")
PATH = "test_it.py"
MARGIN = 8
"""How far the differences below are indented."""


def place(name: str) -> Place:
    """The place of a name like ``Class::method``; a class begins with a capital letter."""
    names = name.split("::") if name else []
    function = names.pop() if names and names[-1][0].islower() else ""
    return Place(PATH, tuple(names), function)


def sources(difference: str) -> tuple[str, str]:
    """The source before and after ``difference``, whose lines begin with +, - or a blank."""
    lines = [line[MARGIN:] or " " for line in difference.splitlines()[1:-1]]
    before, after = (
        "".join(f"{line[1:]}\n" for line in lines if line[0] != other) for other in "+-"
    )
    return before, after


ADDED = {
    "several keys are in one mark": (
        "test_a",
        [DB, MAIL, SERIAL],
        """
         import pytest


        +@pytest.mark.shared_resource("db", "mail")
        +@pytest.mark.serial
         def test_a(): pass
        """,
    ),
    "above other decorators, below comments": (
        "test_a",
        [SERIAL],
        """
         import pytest


         # Why.
        +@pytest.mark.serial
         @pytest.mark.parametrize("n", [1])
         async def test_a(n): pass
        """,
    ),
    "a method": (
        "TestA::test_a",
        [GROUP],
        """
         import pytest
         class TestA:
        +  @pytest.mark.xdist_group("api")
           def test_a(self): pass
        """,
    ),
    "a class": (
        "TestA",
        [DB],
        """
         import pytest
        +@pytest.mark.shared_resource("db")
         @final
         class TestA(Base): pass
        """,
    ),
    "a mark that is there is extended": (
        "test_a",
        [MAIL],
        """
         import pytest
        -@pytest.mark.shared_resource("db")
        +@pytest.mark.shared_resource("db", "mail")
         def test_a(): pass
        """,
    ),
    "behind parentheses": (
        "test_a",
        [MAIL],
        """
         import pytest
        -@pytest.mark.shared_resource( ("d" "b") )
        +@pytest.mark.shared_resource( ("d" "b"), "mail" )
         def test_a(): pass
        """,
    ),
    "behind a trailing comma": (
        "test_a",
        [MAIL],
        """
         import pytest
         @pytest.mark.shared_resource(
        -    "db",  # the one
        +    "db", "mail",  # the one
         )
         def test_a(): pass
        """,
    ),
    "a reader's mark is not a writer's": (
        "test_a",
        [DB],
        """
         import pytest
        +@pytest.mark.shared_resource("db")
         @pytest.mark.shared_resource("db", mode="read")
         def test_a(): pass
        """,
    ),
    "what is there is not added": (
        "test_a",
        [DB, SERIAL, GROUP],
        """
         import pytest
         @pytest.mark.xdist_group("api")
         @pytest.mark.serial
         @pytest.mark.shared_resource("db")
         def test_a(): pass
        """,
    ),
    "its own name for marks": (
        "test_a",
        [SERIAL],
        """
         from pytest import fixture, mark as m
        +@m.serial
         @m.slow
         def test_a(): pass
        """,
    ),
    "its own name for pytest": (
        "test_a",
        [SERIAL],
        """
         import pytest as pt
        +@pt.mark.serial
         @app.serial
         def test_a(): pass
        """,
    ),
    "import before what is not of the standard library": (
        "test_a",
        [SERIAL],
        '''
         """Tests."""
         from __future__ import annotations

         import os

        +import pytest
         from shop import pay

        +@pytest.mark.serial
         def test_a(): pass
        ''',
    ),
    "import before what is local": (
        "test_a",
        [SERIAL],
        """
         import os

        +import pytest
        +
         from . import pay

        +@pytest.mark.serial
         def test_a(): pass
        """,
    ),
    "import after the standard library": (
        "test_a",
        [SERIAL],
        """
         import os, re  # both
        +
        +import pytest


        +@pytest.mark.serial
         def test_a(): pass
        """,
    ),
    "import below the lines that must be first": (
        "test_a",
        [SERIAL],
        """
         #!/usr/bin/env python
         # coding: utf-8
        +import pytest
        +
        +
         # A comment.
        +@pytest.mark.serial
         def test_a(): pass
        """,
    ),
    "an import further down is too late": (
        "test_a",
        [SERIAL],
        """
        +import pytest
        +
        +
        +@pytest.mark.serial
         def test_a(): pass
         import pytest
        """,
    ),
    "each definition of a conditional one": (
        "test_a",
        [SERIAL],
        """
         import pytest
         if LINUX:
        +    @pytest.mark.serial
             def test_a(): pass
         else:
        +    @pytest.mark.serial
             @other
             def test_a(): pass
        """,
    ),
    "not a function within another": (
        "test_a",
        [SERIAL],
        """
         import pytest
         def test_b():
             def test_a(): pass
        +@pytest.mark.serial
         def test_a(): pass
        """,
    ),
    "a module": (
        "",
        [DB],
        '''
         """Tests."""

         import pytest
        +
        +pytestmark = pytest.mark.shared_resource("db")


         def test_a(): pass
        ''',
    ),
    "a module without imports": (
        "",
        [DB, SERIAL],
        """
        +import pytest
        +
        +
        +pytestmark = [pytest.mark.shared_resource("db"), pytest.mark.serial]
        +
        +
         def test_a(): pass
        """,
    ),
    "one pytestmark becomes a list": (
        "",
        [MAIL, SERIAL],
        """
         import pytest
        -pytestmark = pytest.mark.shared_resource("db")
        +pytestmark = [pytest.mark.shared_resource("db", "mail"), pytest.mark.serial]
        """,
    ),
    "a list of pytestmark is extended": (
        "",
        [SERIAL],
        """
         import pytest
         pytestmark = [
        -    pytest.mark.slow,
        +    pytest.mark.slow, pytest.mark.serial,
         ]
        """,
    ),
    "an empty list of pytestmark": (
        "",
        [SERIAL],
        """
         import pytest
        -pytestmark: list = []
        +pytestmark: list = [pytest.mark.serial]
        """,
    ),
    "a key that is no plain word": (
        "test_a",
        [Mark("shared_resource", 'naïve "key"')],
        r"""
         import pytest
        +@pytest.mark.shared_resource('naïve "key"')
         def test_a(): pass
        """,
    ),
}
TAKEN = {
    "a decorator": (
        "test_a",
        SERIAL,
        """
         import pytest
         @pytest.mark.slow
        -@pytest.mark.serial  # why
         def test_a(): pass
        """,
    ),
    "the only key": (
        "TestA",
        DB,
        """
         import pytest
        -@pytest.mark.shared_resource("db")
         class TestA: pass
        """,
    ),
    "one key of two": (
        "test_a",
        DB,
        """
         import pytest
        -@pytest.mark.shared_resource("db", "mail")
        +@pytest.mark.shared_resource("mail")
         def test_a(): pass
        """,
    ),
    "the last of two": (
        "test_a",
        MAIL,
        """
         import pytest
        -@pytest.mark.shared_resource("db", "mail")
        +@pytest.mark.shared_resource("db")
         def test_a(): pass
        """,
    ),
    "in parentheses": (
        "test_a",
        MAIL,
        """
         import pytest
        -@pytest.mark.shared_resource(("db"), ("mail"))
        +@pytest.mark.shared_resource(("db"))
         def test_a(): pass
        """,
    ),
    "one of a list": (
        "",
        SERIAL,
        """
         import pytest
        -pytestmark = [pytest.mark.slow, pytest.mark.serial]
        +pytestmark = [pytest.mark.slow]
        """,
    ),
    "all of pytestmark": (
        "",
        SERIAL,
        """
         import pytest

        -pytestmark = [pytest.mark.serial]
         X = 1
        """,
    ),
    "a paragraph, and the blank lines that it made": (
        "",
        SERIAL,
        """
         import pytest
        -
        -pytestmark = pytest.mark.serial


         def test_a(): pass
        """,
    ),
    "a paragraph with more blank lines above": (
        "",
        SERIAL,
        """
         import pytest


        -pytestmark = pytest.mark.serial
        -
         X = 1
        """,
    ),
    "a paragraph at the end": (
        "",
        SERIAL,
        """
         import pytest
         def test_a(): pass
        -
        -
        -pytestmark = pytest.mark.serial
        -
        """,
    ),
    "nothing where it is not": (
        "test_a",
        MAIL,
        """
         import pytest
         @pytest.mark.shared_resource("db")
         @app.mail
         def test_a(): pass
        """,
    ),
}


@pytest.mark.parametrize("case", ADDED)
def test_marks_are_where_people_would_put_them(case: str) -> None:
    """Nothing else changes, and to do it again changes nothing."""
    name, marks, difference = ADDED[case]
    before, after = sources(difference)

    edited, missed = with_marks(before.encode(), {place(name): marks})

    assert edited.decode() == after
    assert not missed
    compile(after, PATH, "exec")
    assert with_marks(edited, {place(name): marks}) == (edited, {})


def test_tabs_and_ends_of_lines_stay() -> None:
    """What is added has the file's own."""
    before = b"class TestA:\r\n\tdef test_a(self):\r\n\t\tpass\r\n"

    edited, _ = with_marks(before, {place("TestA::test_a"): [SERIAL]})

    head, mark = b"import pytest\r\n\r\n\r\n", b"\t@pytest.mark.serial\r\n"
    assert edited == head + before.replace(b"\tdef", mark + b"\tdef")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1"])
def test_the_encoding_stays(encoding: str) -> None:
    """Offsets are right behind letters of several bytes, and the file is of its encoding."""
    head = "# coding: latin-1\n" if encoding == "latin-1" else ""
    before = f"{head}import pytest\nNAME = 'é'\ndef test_a(): assert 'ü'\n"

    edited, _ = with_marks(before.encode(encoding), {place("test_a"): [SERIAL]})

    assert edited == before.replace("def ", "@pytest.mark.serial\ndef ").encode(encoding)


@pytest.mark.parametrize(
    ("encoding", "key", "written"),
    [
        ("utf-8", "größe", '"größe"'),
        ("latin-1", "größe", '"größe"'),
        ("ascii", "größe", r"'gr\xf6\xdfe'"),
        ("latin-1", "数据", r"'\u6570\u636e'"),
        ("utf-8", "a\u202eb", r"'a\u202eb'"),
        ("utf-8", 'the "db"', """'the "db"'"""),
        ("utf-8", "it's", '"it\'s"'),
    ],
)
def test_keys_are_written_as_people_read_them(encoding: str, key: str, written: str) -> None:
    """With escapes only where the file's encoding, or a string of Python, can't have the letter."""
    head = f"# coding: {encoding}\nimport pytest\n"
    test = "def test_a(): pass\n"

    edited, _ = with_marks(
        f"{head}{test}".encode(), {place("test_a"): [Mark("shared_resource", key)]}
    )

    assert edited.decode(encoding) == f"{head}@pytest.mark.shared_resource({written})\n{test}"
    assert ast.literal_eval(written) == key


@pytest.mark.parametrize(
    ("name", "source", "why"),
    [
        ("TestA::test_a", "class TestA(Base): pass\n", "inherited"),
        ("test_a", "test_a = make()\n", "made by a program"),
        ("", "import pytest\nif X:\n    pytestmark = pytest.mark.slow\n", "can't be edited"),
        ("", "import pytest\npytestmark += [pytest.mark.slow]\n", "can't be edited"),
    ],
)
def test_what_has_no_place_is_told(name: str, source: str, why: str) -> None:
    """And the source stays as it is."""
    edited, missed = with_marks(source.encode(), {place(name): [SERIAL]})

    assert edited == source.encode()
    assert why in missed[place(name)]


@pytest.mark.parametrize("source", [b"def test_a(:\n", b"# coding: nonsense\n", b"x = '\xff'\n"])
def test_what_is_no_python_is_an_error(source: bytes) -> None:
    """It says why."""
    with pytest.raises(SourceError, match="can't be parsed"):
        with_marks(source, {place("test_a"): [SERIAL]})


@pytest.mark.parametrize("case", TAKEN)
def test_marks_are_taken_out(case: str) -> None:
    """Nothing else is."""
    name, mark, difference = TAKEN[case]
    before, after = sources(difference)

    edited, done = without_mark(before.encode(), mark, [place(name)])

    assert edited.decode() == after
    assert done == ([place(name)] if after != before else [])
    compile(after, PATH, "exec")


@pytest.mark.parametrize("path", ["../other/test_it.py", "tests/../../test_it.py", "/test_it.py"])
def test_nothing_outside_of_the_project_is_edited(path, tmp_path):
    """Whatever proposals say: they are a file that anybody may have written."""
    outside = tmp_path / "other" / "test_it.py"
    outside.parent.mkdir()
    outside.write_text("def test_a(): pass\n")
    (tmp_path / "project").mkdir()
    edited = Sources(tmp_path / "project")
    where = Place(path, (), "test_a")

    assert "outside of this project" in edited.add(path, {where: [SERIAL]})[where]
    assert edited.remove(SERIAL, [where]) == []
    assert edited.changes == {}
