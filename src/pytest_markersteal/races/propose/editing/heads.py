"""The head of a test module: its imports, how it names pytest's marks, and its ``pytestmark``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

_PYTEST = "pytest"
_MARK = "mark"
_PYTESTMARK = "pytestmark"
_FUTURE = "__future__"


@dataclass(slots=True)
class Head:
    """What is known of a module's head; statements are those of the module itself.

    ``mark`` is how the module names ``pytest.mark``, None where it doesn't. ``last`` is the last of
    the docstring and the imports that a module begins with. ``import_before`` is the import before
    which one of pytest belongs, if there is one. ``pytestmark`` is the value that
    ``pytestmark_statement`` gives to it.
    """

    mark: str | None = None
    last: cst.CSTNode | None = None
    import_before: cst.CSTNode | None = None
    import_before_is_local: bool = False
    pytestmark: cst.BaseExpression | None = None
    pytestmark_statement: cst.CSTNode | None = None
    sets_pytestmark_oddly: bool = False


def head_of(module: cst.Module) -> Head:
    """The head of ``module``."""
    head = Head()
    in_head = True
    for number, statement in enumerate(module.body):
        if not isinstance(statement, cst.SimpleStatementLine):
            in_head = False
            head.sets_pytestmark_oddly |= _mentions_pytestmark(statement)
            continue
        imports = [one for one in statement.body if isinstance(one, cst.Import | cst.ImportFrom)]
        is_import = len(imports) == len(statement.body)
        in_head &= is_import or (number == 0 and _is_docstring(statement))
        if in_head:
            head.last = statement
            if is_import and head.import_before is None:
                _consider(head, statement, imports[0])
            # A name that is bound further down is not there yet where marks may be needed.
            for one in imports:
                name = _name_of_mark(one)
                if name is not None and head.mark is None:
                    head.mark = name
        _look_for_pytestmark(head, statement)
    return head


def _is_docstring(statement: cst.SimpleStatementLine) -> bool:
    first = statement.body[0]
    return isinstance(first, cst.Expr) and isinstance(
        first.value, cst.SimpleString | cst.ConcatenatedString
    )


def _consider(
    head: Head, statement: cst.SimpleStatementLine, one: cst.Import | cst.ImportFrom
) -> None:
    """Whether an import of pytest belongs before ``statement``: it is not of the standard library.

    What is imported relatively is local, for which there is a paragraph of its own.
    """
    root = _root(one)
    is_local = root == ""
    if is_local or (root not in sys.stdlib_module_names and root != _FUTURE):
        head.import_before, head.import_before_is_local = statement, is_local


def _root(one: cst.Import | cst.ImportFrom) -> str:
    """The package that is imported from; empty for a relative import."""
    if isinstance(one, cst.ImportFrom):
        if one.relative or one.module is None:
            return ""
        name: cst.BaseExpression = one.module
    else:
        name = one.names[0].name
    while isinstance(name, cst.Attribute):
        name = name.value
    return name.value if isinstance(name, cst.Name) else ""


def _name_of_mark(one: cst.Import | cst.ImportFrom) -> str | None:
    """How ``pytest.mark`` can be written after this import; None if it gives no name to it."""
    for name, bound in _bound(one):
        if isinstance(one, cst.Import) and name == _PYTEST:
            return f"{bound}.{_MARK}"
        if isinstance(one, cst.ImportFrom) and name == _MARK and _root(one) == _PYTEST:
            return bound
    return None


def _bound(one: cst.Import | cst.ImportFrom) -> Iterator[tuple[str, str]]:
    """Names that are imported, and what they are called then."""
    if isinstance(one.names, cst.ImportStar):
        return
    for alias in one.names:
        name = alias.evaluated_name
        yield name, alias.evaluated_alias or name


def _look_for_pytestmark(head: Head, statement: cst.SimpleStatementLine) -> None:
    for one in statement.body:
        if isinstance(one, cst.Assign):
            targets = [target.target for target in one.targets]
        elif isinstance(one, cst.AnnAssign | cst.AugAssign):
            targets = [one.target]
        else:
            continue
        if not any(
            isinstance(target, cst.Name) and target.value == _PYTESTMARK for target in targets
        ):
            continue
        is_plain = len(targets) == 1 and len(statement.body) == 1
        if is_plain and head.pytestmark is None and not isinstance(one, cst.AugAssign):
            head.pytestmark, head.pytestmark_statement = one.value, statement
        head.sets_pytestmark_oddly |= head.pytestmark is None or not is_plain


def _mentions_pytestmark(statement: cst.BaseStatement | cst.CSTNode) -> bool:
    """Whether a condition or the like sets it, so that nobody knows to what."""
    if isinstance(statement, cst.FunctionDef | cst.ClassDef):
        return False
    finder = _NameFinder()
    statement.visit(finder)
    return finder.found


class _NameFinder(cst.CSTVisitor):
    """Finds out whether ``pytestmark`` is named."""

    found = False

    def visit_Name(self, node: cst.Name) -> None:  # noqa: N802 # LibCST names it
        self.found |= node.value == _PYTESTMARK

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:  # noqa: N802 # LibCST names it
        return False
