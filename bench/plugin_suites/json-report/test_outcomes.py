import sys
import warnings

import pytest


@pytest.mark.parametrize("number", range(8))
def test_good(number, json_metadata):
    json_metadata["number"] = {"is": number}
    print("printed by", number)


def test_that_fails():
    print("told to stderr", file=sys.stderr)
    raise AssertionError("it always does")


@pytest.fixture
def broken():
    raise OSError("broken")


@pytest.mark.serial
def test_error(broken):
    pass


@pytest.fixture
def broken_later():
    yield
    raise OSError("broken later")


@pytest.mark.shared_resource("key")
def test_error_in_teardown(broken_later):
    pass


@pytest.mark.skip(reason="not here")
def test_skipped():
    pass


@pytest.mark.xfail(reason="not yet")
def test_expected_to_fail():
    raise AssertionError("as expected")


@pytest.mark.xfail(reason="not yet")
def test_passes_in_spite():
    pass


@pytest.mark.no_parallel
def test_warns():
    warnings.warn("beware", stacklevel=1)


@pytest.mark.parametrize("text", ["<b>&amp;</b>", "ä ü 漢字", "\x1b[31mred"], ids=["b", "u", "c"])
def test_odd_text(text):
    print(text)
    assert text == ""
