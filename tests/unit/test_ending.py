"""Signals that end a command, in this process."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from pytest_markersteal.cli.ending import SIGNALS, Ending

NUMBERS = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]


@pytest.fixture(params=NUMBERS, ids=str)
def number(request: pytest.FixtureRequest) -> Iterator[int]:
    """The number of a signal that would end this process."""
    before = signal.signal(request.param, signal.SIG_DFL)
    yield request.param
    signal.signal(request.param, before)


def send(number: int) -> None:
    """Send it to this process, which does not end."""
    assert signal.getsignal(number) is not signal.SIG_DFL
    signal.raise_signal(number)


def test_a_signal_interrupts(number: int) -> None:
    """It is as Ctrl-C, with the exit code that shells know; behind the block all is as before."""
    with Ending() as ending:
        assert ending.exit_code == 130
        with pytest.raises(KeyboardInterrupt):
            send(number)

    assert ending.exit_code == 128 + number
    assert signal.getsignal(number) is signal.SIG_DFL


def test_only_the_first_one_interrupts(number: int) -> None:
    """Who sends it twice, as some do, does not disturb what is put away at the first."""
    with Ending():
        with pytest.raises(KeyboardInterrupt):
            send(number)
        send(number)


def test_a_signal_that_is_ignored(number: int) -> None:
    """It stays ignored, as nohup wants it."""
    signal.signal(number, signal.SIG_IGN)

    with Ending():
        send(number)
