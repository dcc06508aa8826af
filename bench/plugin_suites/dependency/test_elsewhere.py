import pytest


@pytest.mark.dependency(depends=["test_group.py::test_log_in"], scope="session")
@pytest.mark.xdist_group("story")
def test_across_modules():
    pass


@pytest.mark.parametrize("number", range(12))
def test_number(number):
    pass
