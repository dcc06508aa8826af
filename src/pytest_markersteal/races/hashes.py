"""``PYTHONHASHSEED``, as the user has set it."""

from __future__ import annotations

import os


def chosen() -> str:
    """The user's; empty if there is none, which is also what ``random`` means to Python."""
    own = os.environ.get("PYTHONHASHSEED", "")
    return "" if own == "random" else own
