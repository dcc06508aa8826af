"""A command that runs pytest twice in one process."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence


def twice(arguments: Sequence[str]) -> str:
    """For a shell: ``pytest`` with ``arguments``, and once more."""
    # Strings of JSON are strings of Python too, and leave the quotes to the shell.
    own = json.dumps(["-n", "0", *arguments], ensure_ascii=False)
    code = f"import pytest; pytest.main({own}); pytest.main({own})"
    return f"python -c {shlex.quote(code)}"
