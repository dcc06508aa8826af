"""How much each thing weighs for the risk of a folder.

Weights are judgements, and here to be changed: 1 for what is rarely a trouble by itself, 3 for what
is one as soon as tests run in another order or beside each other, 6 for what was seen to be one. A
folder counts each rule once, however often it applies: a hundred sleeps are no hundred risks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

HIGH = 6
MEDIUM = 3
"""From which sum of weights on the risk is high, or medium; else it is low."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``what`` there is of a kind, ready to be counted; ``weight``; and ``why`` that is a risk.

    ``kept_by_marks``: it is none in tests that marks keep apart from others.
    """

    what: str
    weight: int
    why: str
    kept_by_marks: bool = False


_SEEN = 6
_STATE = 3
_MINOR = 1

RULES: Mapping[str, Rule] = {
    "found conflict": Rule("conflict found", _SEEN, "tests on different workers used one thing"),
    "found latent": Rule("latent conflict found", _STATE, "tests use one thing, so far in turn"),
    "found leak": Rule("leak found", _STATE, "a test leaves something changed for the next one"),
    "found order": Rule("dependence on order found", _SEEN, "its outcome depends on other tests"),
    "found flaky": Rule("flaky test found", _SEEN, "its outcome changes by itself"),
    "global": Rule("change of a global of the test module", _STATE, "the next test finds it so"),
    "attribute": Rule(
        "attribute set on what is imported", _STATE, "monkeypatch.setattr would undo it"
    ),
    "environment": Rule("change of os.environ", _STATE, "monkeypatch.setenv would undo it"),
    "directory": Rule("change of the directory", _STATE, "monkeypatch.chdir would undo it"),
    "locale": Rule("change of locale or time zone", _STATE, "it is that of the whole process"),
    "signal": Rule("signal handler", _STATE, "it is that of the whole process"),
    "port": Rule(
        "fixed port", _STATE, "two workers can't have it; free_port gives each its own", True
    ),
    "path": Rule(
        "fixed path", _STATE, "two workers write one file; tmp_path gives each test its own", True
    ),
    "cache": Rule("cached function", _MINOR, "what it remembers stays for the next test"),
    "seed": Rule("random seed", _MINOR, "the next test's random numbers are known too"),
    "thread": Rule("thread", _MINOR, "one that does not end runs beside the next test"),
    "process": Rule("child process", _MINOR, "what it touches is not watched"),
    "sleep": Rule("sleep", _MINOR, "it hopes that something is over by then"),
    "concurrent": Rule("concurrent operation", _MINOR, "its order may differ on a busy machine"),
    "nothing": Rule("asynchronous test that nothing runs", _STATE, "it can't have failed"),
    "slept": Rule("test that waits rather than works", _MINOR, "its times may matter"),
}
"""By kind."""


def level(weights: int) -> str:
    """The risk at a sum of weights."""
    return "high" if weights >= HIGH else "medium" if weights >= MEDIUM else "low"
