"""What the numbers in records mean: apart from them, as workers need no more than this."""

from __future__ import annotations

PHASES = ("setup", "call", "teardown")
OUTCOMES = ("passed", "xpassed", "skipped", "xfailed", "error", "failed")
"""Of a test as a whole: the last of these that one of its phases had."""

COMMANDS = ("run", "recall", "park", "stop", "gate")
