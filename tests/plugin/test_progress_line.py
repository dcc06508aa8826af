"""The time left on pytest's line of progress."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from pytest_markersteal.distribution import progress_line

SUITE = """
    import time

    import pytest

    @pytest.mark.parametrize("number", range(60))
    def test_it(number): time.sleep(0.06)
"""
COLUMNS = 60
LEFT = re.compile(r"\[ *\d+%, (about )?0:\d\d left\]")


class Says:
    """An estimate that always says the same."""

    def __init__(self, text):
        self._text = text

    def text(self):
        return self._text


@pytest.fixture
def run_on_terminal(pytester):
    """What a run prints where its output is a terminal of 60 columns."""
    pty = pytest.importorskip("pty")

    def run(*args):
        master, slave = pty.openpty()
        environment = {**os.environ, "COLUMNS": str(COLUMNS), "TERM": "xterm", "PY_COLORS": "1"}
        command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:asyncio"]
        process = subprocess.Popen(
            [*command, "-n2", "--dist=markersteal", *args],
            cwd=pytester.path,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
        )
        os.close(slave)
        output = b""
        while True:
            try:
                data = os.read(master, 1 << 16)
            except OSError:  # Linux says so where the other end is closed.
                break
            if not data:
                break
            output += data
        os.close(master)
        assert process.wait() == 0
        return output.decode()

    return run


def without_codes(text):
    return re.sub(r"\x1b(\[[\d;]*[A-Za-z]|\d)", "", text)


def test_the_time_left_is_on_the_line(pytester, run_on_terminal):
    """At the end of each line of dots, where there is room for it; without history as a guess."""
    pytester.makepyfile(SUITE)
    cold = run_on_terminal()
    assert next(found.group(1) for found in LEFT.finditer(cold)) == "about "
    warm = run_on_terminal()
    assert {found.group(1) for found in LEFT.finditer(warm)} == {None}
    dots = [line for line in warm.splitlines() if LEFT.search(line) and "." in line]
    for line in dots:
        # What is drawn at the edge meanwhile is at the same place, and then the cursor goes back.
        final = without_codes(re.sub(r"\x1b7.*?\x1b8", "", line))
        assert len(final.rstrip()) <= COLUMNS
    assert "[100%]" in warm


@pytest.mark.parametrize("all_done", [" [100%]", " [60/60]", " [ 7 / 7 ]"])
def test_nothing_is_left_after_the_last_test(all_done):
    """Whatever was predicted: old versions of pytest end the line before the run has."""
    message = progress_line._Message(lambda: all_done, Says("0:03 left"))
    assert message.text() == all_done


@pytest.mark.parametrize("text", [" [ 99%]", " [ 6/60]", " [  0%]"])
def test_what_is_left_is_behind_the_share(text):
    """Within the brackets."""
    message = progress_line._Message(lambda: text, Says("0:03 left"))
    assert message.text() == f"{text[:-1]}, 0:03 left]"


def test_the_line_is_kept_up_to_date(pytester, run_on_terminal):
    """While it fills, at the right edge, about once a second; the cursor stays where it was."""
    pytester.makepyfile(SUITE)
    drawn = re.findall(r"\x1b7\x1b\[(\d+)G(.*?)\x1b8", run_on_terminal())
    assert drawn
    for column, text in drawn:
        assert int(column) + len(text) == COLUMNS


def test_each_line_has_it_with_v(pytester, run_on_terminal):
    """Where pytest shows the progress, before each outcome."""
    pytester.makepyfile(SUITE)
    run_on_terminal()
    lines = [line for line in without_codes(run_on_terminal("-v")).splitlines() if "PASSED" in line]
    assert len(lines) == 60
    assert sum(bool(LEFT.search(line)) for line in lines) >= 50


@pytest.mark.parametrize("option", ["-oconsole_output_style=classic", "-s"])
def test_where_pytest_shows_no_progress_there_is_no_time_left(pytester, run_on_terminal, option):
    """Nothing is drawn either."""
    pytester.makepyfile("def test_it(): pass")
    output = run_on_terminal(option)
    assert " left]" not in output
    assert "\x1b7" not in output


def test_nothing_more_is_written_to_what_is_no_terminal(pytester, run_markersteal):
    """Logs of continuous integration stay as they are."""
    pytester.makepyfile(SUITE)
    result = run_markersteal()
    assert "left]" not in result.stdout.str()
    assert "\x1b" not in result.stdout.str()


def test_pytest_has_what_is_used_of_its_reporter(request):
    """The names are private to pytest: this notices when it changes them."""
    reporter = request.config.pluginmanager.getplugin("terminalreporter")
    if reporter is None:  # As on workers.
        reporter = progress_line.TerminalReporter(request.config)
    for name in progress_line._PRIVATE:
        assert hasattr(reporter, name), name
    reporter._session = request.session
    assert reporter._get_progress_information_message().endswith("]")
