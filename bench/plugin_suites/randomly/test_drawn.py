import random

import pytest


@pytest.fixture(autouse=True)
def drawn(record_property):
    yield
    record_property("drawn", random.random())


@pytest.mark.parametrize("number", range(20))
def test_number(number):
    pass


class TestClass:
    def test_a(self):
        assert random.random() != random.random()

    @pytest.mark.serial
    def test_b(self):
        pass

    @pytest.mark.shared_resource("key")
    def test_c(self):
        pass
