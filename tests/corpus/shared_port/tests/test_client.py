import socket

import pytest
from echo.client import ask, default_port
from echo.server import serving


def test_a_client_needs_no_port():
    with serving():
        assert ask("slowly hello") == "hello"


def test_the_port_can_be_set(monkeypatch):
    monkeypatch.setenv("ECHO_PORT", "28999")
    assert default_port() == 28999


def test_nobody_listens():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            ask("hello", bound.getsockname()[1])


@pytest.mark.parametrize("text", ["a", "hello world", "ä ö ü"])
def test_the_answer_is_what_was_sent(text):
    with serving(0) as port:
        assert ask(text, port) == text
