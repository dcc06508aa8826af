import threading

import pytest


@pytest.mark.timeout(0.3)
def test_hangs():
    threading.Event().wait(60)


@pytest.fixture
def hanging():
    threading.Event().wait(60)


@pytest.mark.timeout(0.3)
def test_fixture_hangs(hanging):
    pass


@pytest.fixture
def slow():
    threading.Event().wait(0.4)


@pytest.mark.timeout(0.3, func_only=True)
def test_only_the_function_counts(slow):
    pass


@pytest.mark.serial
@pytest.mark.timeout(0.3)
def test_serial_hangs():
    threading.Event().wait(60)


@pytest.mark.shared_resource("key")
@pytest.mark.timeout(0.3)
@pytest.mark.parametrize("number", range(3))
def test_second_of_three_hangs(number):
    if number == 1:
        threading.Event().wait(60)
