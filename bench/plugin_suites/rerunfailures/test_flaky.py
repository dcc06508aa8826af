from pathlib import Path

import pytest
from told import tell


def times(name):
    """How often this was asked about ``name`` in this run, by any worker."""
    path = Path(f"times-{name}.txt")
    with path.open("a") as file:
        file.write("x")
    return path.stat().st_size


@pytest.fixture(scope="module")
def server():
    tell("server up")
    yield
    tell("server down")


@pytest.mark.parametrize("number", range(6))
def test_once(server, number):
    assert times(f"once-{number}") > 1


@pytest.mark.flaky(reruns=4)
def test_with_a_mark():
    assert times("mark") > 3


@pytest.mark.shared_resource("account")
@pytest.mark.parametrize("number", range(3))
def test_of_one_key(server, number):
    assert times(f"key-{number}") > 1


@pytest.mark.serial
def test_serial():
    assert times("serial") > 2


@pytest.mark.no_parallel
def test_alone():
    assert times("alone") > 1


@pytest.mark.flaky(reruns=3, only_rerun=["OSError"])
def test_of_another_error():
    times("other")
    raise ValueError("not to be run again")


def test_never():
    assert times("never") > 100, "never"


@pytest.fixture
def unsteady():
    assert times("unsteady") > 1


def test_setup(unsteady):
    pass


@pytest.mark.parametrize("number", range(6))
def test_good(server, number):
    assert times(f"good-{number}") == 1
