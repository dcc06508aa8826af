import os
import subprocess
import sys

import pytest
from engine import safety


def test_a_strict_engine_is_strict():
    safety.set_strict(True)
    assert safety.strict


@pytest.mark.parametrize("value", [True, False])
def test_strictness_for_a_while(value, monkeypatch):
    monkeypatch.setattr(safety, "strict", value)
    assert safety.strict is value


@pytest.mark.parametrize("why", ["smoke", "noise"])
def test_an_emergency_tells_why(why, monkeypatch):
    monkeypatch.setattr(safety, "strict", False)
    with pytest.raises(RuntimeError, match=why):
        safety.emergency(why)


def test_a_strict_emergency_ends_the_process(monkeypatch):
    monkeypatch.setattr(safety, "strict", True)
    monkeypatch.setattr(os, "_exit", lambda code: pytest.fail(f"exit {code}"))
    with pytest.raises(pytest.fail.Exception, match="exit 70"):
        safety.emergency("smoke")


def test_a_process_of_its_own_may_end():
    code = "import os; os._exit(70)"
    assert subprocess.run([sys.executable, "-S", "-c", code], check=False).returncode == 70
