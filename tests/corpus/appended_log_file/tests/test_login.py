import pytest
from trail.events import login
from trail.log import behind


def test_a_login_is_one_line():
    with behind() as lines:
        login("ann")
    assert lines == ["login ann"]


@pytest.mark.parametrize("user", ["ann", "bob", "zoë"])
def test_the_line_names_the_user(user, tmp_path, no_mail):
    login(user, tmp_path / "log")
    assert (tmp_path / "log").read_text(encoding="utf-8") == f"login {user}\n"


def test_it_is_told_to_the_console_too(tmp_path, no_mail, caplog):
    with caplog.at_level("INFO", "trail"):
        login("ann", tmp_path / "log")
    assert caplog.messages == ["ann logged in"]
