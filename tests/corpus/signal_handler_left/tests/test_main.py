import signal

import pytest
from daemon.main import main, work
from daemon.stopping import Stop


def test_the_daemon_runs_until_it_is_told():
    assert main([lambda: None, lambda: signal.raise_signal(signal.SIGTERM), lambda: None]) == 2


@pytest.fixture
def stop():
    return Stop()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_every_step_is_done(count, stop):
    assert work([lambda: None] * count, stop) == count


@pytest.mark.parametrize("before", [0, 1, 2])
def test_no_step_after_the_stop(before, stop):
    steps = [lambda: None] * before + [lambda: stop(signal.SIGTERM, None), lambda: None]
    assert work(steps, stop) == before + 1


def test_main_puts_nothing_back(monkeypatch):
    calls = []
    monkeypatch.setattr(signal, "signal", lambda *args: calls.append(args))
    assert main([lambda: None]) == 1
    assert [number for number, _ in calls] == [signal.SIGTERM]
