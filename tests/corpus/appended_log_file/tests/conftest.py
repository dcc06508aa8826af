import pytest
from trail import events


@pytest.fixture
def no_mail(monkeypatch):
    monkeypatch.setattr(events, "MAIL_S", 0.0)
