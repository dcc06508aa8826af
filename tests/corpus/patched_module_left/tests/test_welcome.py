from unittest import mock

import pytest
from mailer import transport, welcome


def test_a_welcome_is_sent(outbox):
    mails = []
    transport.send = lambda mail, outbox: mails.append(mail)
    welcome.welcome("bob@example.org", outbox)
    assert mails == [{"to": "bob@example.org", "text": "Welcome"}]


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_a_welcome_in_many_languages(language, outbox, monkeypatch):
    mails = []
    monkeypatch.setattr(transport, "send", lambda mail, outbox: mails.append(mail["text"]))
    welcome.welcome("bob@example.org", outbox, language)
    assert mails == [welcome.GREETINGS[language]]


def test_it_goes_to_the_outbox(outbox):
    with mock.patch("mailer.transport.send") as send:
        welcome.welcome("bob@example.org", outbox)
    assert send.call_args.args[1] == outbox


def test_more_languages(outbox):
    with mock.patch.dict(welcome.GREETINGS, {"sv": "Hej"}), mock.patch("mailer.transport.send"):
        welcome.welcome("bob@example.org", outbox, "sv")
    assert "sv" not in welcome.GREETINGS


def test_an_unknown_language(outbox):
    with pytest.raises(KeyError):
        welcome.welcome("bob@example.org", outbox, "xx")
