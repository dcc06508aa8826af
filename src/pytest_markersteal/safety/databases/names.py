"""What databases are called: ``shop`` of slot 2 is ``shop_markersteal_5ca1ab1e_2``.

The digits in the middle are of the run, because two runs at the same time have the same slots. A
template, which runs may share, has those of its key: ``shop_markersteal_t0123456789ab``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

MOST_BYTES = 63
"""Of a name in PostgreSQL, which would cut it silently. MySQL allows 64 characters."""

MARK = "_markersteal_"
"""In all names that are ours, and in no others."""

_RUN_DIGITS = 8
_KEY_DIGITS = 12
_SLOT_DIGITS = 4
_LONGEST_BASE = MOST_BYTES - len(MARK) - _RUN_DIGITS - 1 - _SLOT_DIGITS
_SUFFIX = re.compile(
    rf"(?P<base>.+){MARK}"
    rf"(?:(?P<run>[0-9a-f]{{{_RUN_DIGITS}}})_(?P<slot>[0-9]+)|t(?P<key>[0-9a-f]{{{_KEY_DIGITS}}}))",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Name:
    """What a name of ours says: of which ``base``, and either ``run`` and ``slot``, or ``key``."""

    base: str
    run: str
    slot: int
    key: str

    @property
    def is_template(self) -> bool:
        """Whether it is one to clone from."""
        return bool(self.key)


def parsed(name: str) -> Name | None:
    """What ``name`` says; None if it is none of ours."""
    found = _SUFFIX.fullmatch(name)
    if found is None:
        return None
    return Name(found["base"], found["run"] or "", int(found["slot"] or 0), found["key"] or "")


def base_of(name: str) -> str:
    """The name that others are made from: at most 37 bytes, without percent signs.

    A name that is longer is cut, and told from others by digits; so is one with a percent sign,
    which some libraries take for an escape and others don't. A pytest that a test starts inherits
    the name of a slot; its databases are of the same base.
    """
    known = parsed(name)
    base = name if known is None else known.base
    encoded = base.encode(errors="surrogateescape")
    if len(encoded) <= _LONGEST_BASE and "%" not in base:
        return base
    digits = sha256(encoded).hexdigest()[:8]
    cut = encoded[: _LONGEST_BASE - 9].decode(errors="ignore").replace("%", "_")
    return f"{cut}_{digits}"


def run_digits(run: str) -> str:
    """What stands for ``run`` in names."""
    return sha256(run.encode(errors="surrogateescape")).hexdigest()[:_RUN_DIGITS]


def slot_name(base: str, run: str, slot: int) -> str:
    """The database of a slot, 0 to 9999, of a run."""
    return f"{base}{MARK}{run_digits(run)}_{slot}"


def template_name(base: str, key: bytes) -> str:
    """The template for what ``key`` says."""
    return f"{base}{MARK}t{sha256(key).hexdigest()[:_KEY_DIGITS]}"
