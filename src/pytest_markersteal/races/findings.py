"""What commands find, in one form: for tables, for JSON, and for ``markersteal propose``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_type_hints

FOLDER = Path(".markersteal", "findings")
"""Where commands leave the findings of their last call, each in a file of its own."""

FORMAT = "pytest-markersteal findings"
VERSION = 1
"""Raised with every change of a finding's fields."""

CONFLICT = "conflict"
"""Tests on different workers used one thing at the same time, or fail when they do."""
LATENT = "latent"
"""Tests used one thing, though never yet at the same time."""
LEAK = "leak"
"""A test left something changed."""
ORDER = "order"
"""A test's outcome depends on which tests ran before it in its process."""
FLAKY = "flaky"
"""A test's outcome changes by itself, or with a condition of the run."""
KINDS = (CONFLICT, LATENT, LEAK, ORDER, FLAKY)


class FindingsError(ValueError):
    """A file that holds no findings of this version; the message says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that keeps tests from running in parallel, or in any order.

    ``kind`` is one of ``KINDS``, ``found_by`` the command. ``victims`` are the node ids of tests
    that fail by it (none, where nobody has failed yet), ``culprits`` those that make them fail, or
    that leave something behind; where two tests conflict, both are culprits. A class or module
    among the culprits stands for all tests in there. ``thing`` is what they
    share, like ``file data/state.json``, or empty where that is not known. ``story`` is one
    sentence for people, ``evidence`` lines of when and how it was seen. ``reproduce`` is a shell
    command that shows it, or empty. ``mark`` is what would mend it: ``serial``,
    ``shared_resource:KEY``, ``xdist_group:NAME``, or empty where no mark does; ``advice`` says
    what else would.
    """

    kind: str
    found_by: str
    victims: tuple[str, ...]
    culprits: tuple[str, ...]
    thing: str
    story: str
    evidence: tuple[str, ...]
    reproduce: str
    mark: str
    advice: str

    @property
    def tests(self) -> tuple[str, ...]:
        """Victims and culprits, each once."""
        return tuple(dict.fromkeys((*self.victims, *self.culprits)))


def as_json(findings: Sequence[Finding], **more: Any) -> str:
    """A document with ``findings``, and whatever else a command has to tell."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        **more,
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def keep(found_by: str, document: str) -> Path:
    """Write what ``as_json`` made for the command ``found_by``; the file; ``OSError``."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / ".gitignore").write_text("*\n", encoding="ascii")
    path = FOLDER / f"{found_by}.json"
    path.write_text(document, encoding="utf-8")
    return path


def read_findings(path: Path) -> list[Finding]:
    """The findings in the file at ``path``; ``FindingsError`` or ``OSError`` if it has none."""
    return findings_in(path, parsed(path))


def parsed(path: Path) -> Any:
    """The JSON in the file at ``path``; ``FindingsError`` or ``OSError`` if it has none."""
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise FindingsError(f"{path} is not JSON: {error}") from error


def findings_in(path: Path, document: Any) -> list[Finding]:
    """The findings in ``document``, as it was read from ``path``; ``FindingsError``."""
    if type(document) is not dict or document.get("format") != FORMAT:
        raise FindingsError(f"{path} does not hold what a command of markersteal found")
    if document.get("version") != VERSION:
        raise FindingsError(
            f"{path} has version {document.get('version')!r}, and this one reads {VERSION}; "
            "write it again with this version of pytest-markersteal"
        )
    listed = document.get("findings")
    if type(listed) is not list:
        raise FindingsError(f"{path} lists no findings")
    return [_finding(path, number, fields) for number, fields in enumerate(listed)]


def _finding(path: Path, number: int, fields: Any) -> Finding:
    where = f"finding {number} of {path}"
    if type(fields) is not dict or fields.keys() != _FIELDS.keys():
        raise FindingsError(f"{where} must have the fields {', '.join(_FIELDS)}")
    for name, hint in _FIELDS.items():
        value = fields[name]
        is_right = (
            type(value) is str
            if hint is str
            else type(value) is list and all(type(part) is str for part in value)
        )
        if not is_right:
            raise FindingsError(f"{name!r} of {where} must be text, or a list of it: {value!r}")
    if fields["kind"] not in KINDS:
        raise FindingsError(f"{where} is of kind {fields['kind']!r}, not one of {', '.join(KINDS)}")
    # Checked above, which the type checker can't follow.
    values: dict[str, Any] = {
        name: value if type(value) is str else tuple(value) for name, value in fields.items()
    }
    return Finding(**values)


_FIELDS = get_type_hints(Finding)
