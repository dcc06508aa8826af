import socket
import threading

import pytest
from echo.client import ask
from echo.server import serving


@pytest.fixture(scope="module")
def port():
    """One server for the questions of this module."""
    with serving(0) as port:
        yield port


def test_the_default_port_answers():
    with serving():
        assert ask("slowly shout") == "shout"


@pytest.mark.parametrize("number", range(4))
def test_a_server_answers_many(number, port):
    assert ask(f"shout question {number}", port) == f"QUESTION {number}"


def test_two_at_the_same_time(port):
    answers = {}
    threads = [
        threading.Thread(target=lambda text=text: answers.update({text: ask(text, port)}))
        for text in ("one", "two")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {"one": "one", "two": "two"}


def test_a_client_may_leave_without_asking(port):
    socket.create_connection(("127.0.0.1", port)).close()
    assert ask("still there", port) == "still there"
