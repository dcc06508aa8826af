"""Tests that depend on others have to run on the same worker, which a group sees to."""

import pytest

pytestmark = pytest.mark.xdist_group("story")


@pytest.mark.dependency
def test_sign_up():
    pass


@pytest.mark.dependency(depends=["test_sign_up"])
def test_log_in():
    pass


@pytest.mark.dependency(depends=["test_log_in"])
def test_that_fails():
    raise AssertionError("it always does")


@pytest.mark.dependency(depends=["test_that_fails"])
def test_skipped():
    pass


@pytest.mark.parametrize("number", range(4))
@pytest.mark.dependency(depends=["test_log_in"])
def test_shop(number):
    pass
