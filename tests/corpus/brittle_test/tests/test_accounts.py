import pytest
from accounts.users import USERS, Users


@pytest.fixture
def users():
    users = Users()
    users.sign_up("bob", "Secret99")
    return users


@pytest.fixture
def carl():
    """Somebody who is forgotten behind the test."""
    USERS.sign_up("carl", "Secret99")
    yield "carl"
    USERS.forget("carl")


def test_ann_signs_up():
    USERS.forget("ann")
    USERS.sign_up("ann", "Secret12")


def test_ann_logs_in():
    assert USERS.log_in("ann", "Secret12")


def test_carl_logs_in(carl):
    assert USERS.log_in(carl, "Secret99")


@pytest.mark.parametrize("password", ["", "secret99", "Secret98"])
def test_a_wrong_password(password, users):
    assert not users.log_in("bob", password)


def test_a_name_is_taken_once(users):
    with pytest.raises(ValueError, match="already"):
        users.sign_up("bob", "Other123")


def test_nobody_logs_in_who_did_not_sign_up(users):
    assert not users.log_in("eve", "Secret99")
