import builtins
import io
import json
import os
import threading
import time

import pytest


@pytest.mark.parametrize("name", ["time", "perf_counter", "monotonic", "sleep", "process_time"])
def test_clocks(mocker, name):
    mocker.patch.object(time, name, return_value=1.0)
    assert getattr(time, name)() == 1.0


@pytest.mark.parametrize("name", ["getpid", "write", "urandom", "getcwd"])
def test_system(mocker, name):
    mocker.patch.object(os, name, side_effect=OSError("patched"))
    with pytest.raises(OSError, match="patched"):
        getattr(os, name)()


def test_open(mocker):
    mocker.patch.object(builtins, "open", return_value=io.StringIO("patched"))
    with open("nowhere") as file:
        assert file.read() == "patched"


@pytest.mark.serial
def test_threads(mocker):
    mocker.patch.object(threading, "Thread", side_effect=RuntimeError)
    mocker.patch.object(threading, "Event", side_effect=RuntimeError)
    with pytest.raises(RuntimeError):
        threading.Thread()


@pytest.fixture(scope="module", autouse=True)
def patched(module_mocker, session_mocker):
    module_mocker.patch.object(json, "dumps", return_value="module")
    session_mocker.patch.object(json, "loads", return_value="session")


@pytest.mark.shared_resource("key")
@pytest.mark.parametrize("number", range(3))
def test_wider_scopes(number):
    assert (json.dumps(1), json.loads("2")) == ("module", "session")


def test_that_fails(mocker):
    stub = mocker.stub("stub")
    stub(1, two=2)
    stub.assert_called_once_with(1, two=3)


def test_spy(mocker):
    spy = mocker.spy(os.path, "basename")
    os.path.basename("a/b")
    assert spy.spy_return == "b"
