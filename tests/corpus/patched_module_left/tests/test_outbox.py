import pytest
from mailer import transport
from mailer.transport import sent

send = transport.send


def test_a_mail_is_in_the_outbox(outbox):
    transport.send({"to": "ann@example.org", "text": "hello"}, outbox)
    assert sent(outbox) == ["To: ann@example.org\n\nhello\n"]


@pytest.mark.parametrize("count", [0, 1, 2, 12])
def test_mails_are_numbered(count, outbox):
    for number in range(count):
        send({"to": "ann@example.org", "text": str(number)}, outbox)
    assert [mail.split()[-1] for mail in sent(outbox)] == [str(n) for n in range(count)]


def test_other_files_are_no_mails(outbox):
    (outbox / "notes.txt").touch()
    assert sent(outbox) == []
