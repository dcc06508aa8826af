"""What the source of a test module or conftest does that other tests may notice.

Only what the source says plainly is told: names are followed through imports, values are not. What
``monkeypatch`` does is undone, and does not count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_markersteal.races.audit.calls import CALLS, CONTAINER_METHODS, ENVIRONMENT, FIRST_PORT


@dataclass(frozen=True, slots=True)
class Fact:
    """Something of one of the ``kinds`` of the rules, in line ``line`` of the file at ``path``.

    ``function`` is that in which it is done, with its classes, as in ``TestA::test_x``; empty where
    the import of the module does it. ``text`` is the source of it, shortened.
    """

    kind: str
    path: str
    line: int
    function: str
    text: str


def facts_in(path: str, source: str) -> list[Fact]:
    """The facts in ``source``, in the order of its lines; ``SyntaxError`` if it is no Python."""
    tree = ast.parse(source)
    walker = _Walker(path, tree)
    walker.visit(tree)
    return sorted(walker.facts, key=lambda fact: fact.line)


_MOST = 60
"""Characters of a text."""


class _Walker(ast.NodeVisitor):
    """Collects facts, and knows in which function it is."""

    def __init__(self, path: str, tree: ast.Module) -> None:
        self.facts: list[Fact] = []
        self._path = path
        self._names: list[str] = []
        self._depth = 0
        """How many functions it is within."""
        self._imported = dict(_imports(tree))
        self._containers = set(_containers(tree))
        self._globals: set[str] = set()
        self._moves = False
        """Whether the function changes the directory, so that relative paths are its own."""

    # Where it is

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._names.append(node.name)
        self.generic_visit(node)
        self._names.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if self._dotted(called) in ("functools.cache", "functools.lru_cache"):
                self._tell("cache", decorator)
        self._depth += 1
        self._names.append(node.name)
        outer = self._globals, self._moves
        self._globals = {
            name for one in ast.walk(node) if isinstance(one, ast.Global) for name in one.names
        }
        self._moves |= any(
            isinstance(one, ast.Attribute) and one.attr == "chdir" for one in ast.walk(node)
        )
        self.generic_visit(node)
        self._globals, self._moves = outer
        self._names.pop()
        self._depth -= 1

    # What it does

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._stored(target, node)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._stored(node.target, node)
        self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self._stored(target, node)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = self._dotted(node.func)
        kind = CALLS.get(name)
        if kind is not None:
            self._tell(kind, node)
        elif isinstance(node.func, ast.Attribute) and node.func.attr in CONTAINER_METHODS:
            owner = self._dotted(node.func.value)
            if owner == ENVIRONMENT:
                self._tell("environment", node)
            elif self._depth and owner in self._containers:
                self._tell("global", node)
        if any(self._is_port(value) for value in _ports(node)):
            self._tell("port", node)
        if name in ("open", "pathlib.Path") and self._is_fixed_path(name, node):
            self._tell("path", node)
        self.generic_visit(node)

    def _stored(self, target: ast.expr, statement: ast.stmt) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            for element in target.elts:
                self._stored(element, statement)
        elif isinstance(target, ast.Name):
            if target.id in self._globals:
                self._tell("global", statement)
        elif isinstance(target, ast.Subscript):
            owner = self._dotted(target.value)
            if owner == ENVIRONMENT:
                self._tell("environment", statement)
            elif self._depth and owner in self._containers:
                self._tell("global", statement)
        elif isinstance(target, ast.Attribute) and self._depth:
            first = target.value
            while isinstance(first, ast.Attribute):
                first = first.value
            if isinstance(first, ast.Name) and first.id in self._imported:
                self._tell("attribute", statement)

    def _dotted(self, node: ast.expr) -> str:
        """The name of ``node`` in full, as its module calls it; empty if it is no name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self._imported.get(node.id, node.id), *reversed(parts)])

    def _is_port(self, node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Constant)
            and type(node.value) is int
            and FIRST_PORT <= node.value <= 65535
        )

    def _is_fixed_path(self, name: str, node: ast.Call) -> bool:
        """Whether it names a temporary file that is always the same, or opens one for writing."""
        first = node.args[0] if node.args else None
        if not (isinstance(first, ast.Constant) and type(first.value) is str):
            return False
        if first.value.startswith(("/tmp/", "/var/tmp/")):
            return True
        if self._moves and not first.value.startswith("/"):
            return False
        modes = [*node.args[1:2], *(word.value for word in node.keywords if word.arg == "mode")]
        texts = [mode.value for mode in modes if isinstance(mode, ast.Constant)]
        return name == "open" and any(type(t) is str and set(t) & set("wax+") for t in texts)

    def _tell(self, kind: str, node: ast.expr | ast.stmt) -> None:
        text = " ".join(ast.unparse(node).split())
        shown = text if len(text) <= _MOST else f"{text[: _MOST - 3]}..."
        where = "::".join(self._names) if self._depth else ""
        self.facts.append(Fact(kind, self._path, node.lineno, where, shown))


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What names mean that are imported anywhere in the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    yield alias.asname, alias.name
                else:
                    first = alias.name.partition(".")[0]
                    yield first, first
        elif isinstance(node, ast.ImportFrom):
            package = f"{'.' * node.level}{node.module or ''}"
            for alias in node.names:
                yield alias.asname or alias.name, f"{package}.{alias.name}"


def _containers(tree: ast.Module) -> Iterator[str]:
    """Names that the module gives to lists, dicts and sets."""
    made = ("list", "dict", "set")
    for node in tree.body:
        if isinstance(node, ast.Assign):
            targets: Sequence[ast.expr] = node.targets
            value: ast.expr | None = node.value
        elif isinstance(node, ast.AnnAssign):
            targets, value = [node.target], node.value
        else:
            continue
        is_call = isinstance(value, ast.Call) and isinstance(value.func, ast.Name)
        if isinstance(value, ast.List | ast.Dict | ast.Set) or (
            is_call and value.func.id in made  # type: ignore[union-attr] # Looked at just above.
        ):
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def _ports(node: ast.Call) -> Iterator[ast.expr]:
    """What may be a port in a call: ``port=...``, or the end of an address."""
    yield from (word.value for word in node.keywords if word.arg == "port")
    method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if method in ("bind", "connect", "create_connection", "create_server"):
        for argument in node.args:
            if isinstance(argument, ast.Tuple) and len(argument.elts) == 2:
                yield argument.elts[1]
