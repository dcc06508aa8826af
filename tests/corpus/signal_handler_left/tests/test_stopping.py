import signal

import pytest
from daemon.stopping import stopping


@pytest.fixture(scope="module")
def patient():
    """Signals of the keyboard are no matter in this module."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_seen(number):
    with stopping(number) as stop:
        signal.raise_signal(number)
        assert stop.asked


def test_no_signal():
    with stopping() as stop:
        assert not stop.asked


def test_the_handler_from_before_is_put_back():
    before = signal.getsignal(signal.SIGTERM)
    with stopping():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_also_after_an_error():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ZeroDivisionError), stopping():
        _ = 1 / 0
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_keyboard_is_ignored(patient):
    signal.raise_signal(signal.SIGINT)
