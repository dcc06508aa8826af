"""What commands take from the command line, with errors that say what there is instead."""

from __future__ import annotations

import math
import re
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterable

OK = 0
NOT_GOOD = 1
"""As with ``diff`` and ``grep``: it worked, and there is something to tell by the exit code."""
WRONG_USAGE = 2


class UsageError(Exception):
    """What the user asked for can't be done; the message says what, where, and what instead."""


def one_of(names: Iterable[str]) -> Callable[[str], str]:
    """An argument that is one of ``names``."""
    known = list(names)

    def read(text: str) -> str:
        if text not in known:
            raise ArgumentTypeError(f"there is no {text!r}; choose from {', '.join(known)}")
        return text

    return read


def several_of(names: Iterable[str]) -> Callable[[str], list[str]]:
    """An argument that lists some of ``names``, with commas between them."""
    read_one = one_of(names)

    def read(text: str) -> list[str]:
        return list(dict.fromkeys(read_one(name.strip()) for name in text.split(",")))

    return read


def whole(least: int) -> Callable[[str], int]:
    """An argument that is a whole number of at least ``least``."""

    def read(text: str) -> int:
        if not text.strip().isdecimal() or int(text) < least:
            raise ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return int(text)

    return read


def wholes(least: int) -> Callable[[str], list[int]]:
    """An argument that lists whole numbers of at least ``least``, with commas between them."""
    read_one = whole(least)

    def read(text: str) -> list[int]:
        return list(dict.fromkeys(read_one(number) for number in text.split(",")))

    return read


def ranges(least: int) -> Callable[[str], list[int]]:
    """An argument that lists whole numbers of at least ``least``, and ranges: "1-8,16".

    They are sorted.
    """
    read_one = whole(least)

    def read(text: str) -> list[int]:
        found: set[int] = set()
        for part in text.split(","):
            first, dash, last = part.partition("-")
            low, high = read_one(first), read_one(last if dash else first)
            if high < low:
                raise ArgumentTypeError(f"{part!r} is no range: {high} is less than {low}")
            found.update(range(low, high + 1))
        return sorted(found)

    return read


def duration(text: str) -> float:
    """An argument that is a time above 0, like "90s", "10m" or "1h30m"; in seconds."""
    found = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", text.strip())
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    total_s = 3600 * hours + 60 * minutes + seconds
    if not total_s:
        raise ArgumentTypeError(f"{text!r} is no time above 0 like 90s, 10m or 1h30m")
    return float(total_s)


def number(least: float, most: float = math.inf) -> Callable[[str], float]:
    """An argument that is a finite number from ``least`` to ``most``."""
    bounds = f"of at least {least:g}" if most == math.inf else f"from {least:g} to {most:g}"

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and least <= value <= most):
            raise ArgumentTypeError(f"{text!r} is not a number {bounds}")
        return value

    return read
