"""What was simulated for a page, and what is simulated now: alike, but for a better scheduler."""

from __future__ import annotations

import re

import pytest

NUMBER = re.compile(r"\d+(?:\.\d+)?")


def check_alike(shown: str, now: str) -> None:
    """Both are the same but for numbers, which are nearly the same: schedulers are improved."""
    assert NUMBER.sub("0", shown) == NUMBER.sub("0", now)
    for old, new in zip(NUMBER.findall(shown), NUMBER.findall(now), strict=True):
        assert float(new) == pytest.approx(float(old), rel=0.02, abs=0.01), f"{new} for {old}"


def tables(text: str) -> list[str]:
    """The tables of a page, or of what was printed."""
    return re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
