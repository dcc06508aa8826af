import pytest
from echo import protocol
from echo.protocol import answer


@pytest.mark.parametrize("line", ["", "word", "two words", "shouting"])
def test_a_line_comes_back(line):
    assert answer(line) == line


def test_shouting():
    assert answer("shout it out") == "IT OUT"


def test_a_slow_answer_is_the_same(monkeypatch):
    monkeypatch.setattr(protocol, "WORK_S", 0.0)
    assert answer("slowly now") == "now"
