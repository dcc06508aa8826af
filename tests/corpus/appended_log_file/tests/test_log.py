import pytest
from trail.log import append, behind


@pytest.fixture(scope="module")
def long_log(tmp_path_factory):
    path = tmp_path_factory.mktemp("long") / "trail.log"
    for number in range(100):
        append(f"line {number}", path)
    return path


def test_lines_come_behind(tmp_path):
    append("one", tmp_path / "log")
    append("two", tmp_path / "log")
    assert (tmp_path / "log").read_text() == "one\ntwo\n"


def test_what_came_behind(tmp_path):
    append("before", tmp_path / "log")
    with behind(tmp_path / "log") as lines:
        append("after", tmp_path / "log")
    assert lines == ["after"]


def test_nothing_came_behind(long_log):
    with behind(long_log) as lines:
        pass
    assert lines == []


def test_a_log_that_is_not_there_yet(tmp_path):
    with behind(tmp_path / "var" / "log") as lines:
        append("first", tmp_path / "var" / "log")
    assert lines == ["first"]


@pytest.mark.parametrize("number", [0, 50, 99])
def test_the_long_log_has_every_line(number, long_log):
    assert f"line {number}" in long_log.read_text().splitlines()
