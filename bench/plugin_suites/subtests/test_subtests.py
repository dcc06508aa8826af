import unittest

import pytest


@pytest.mark.parametrize("number", range(6))
def test_all_good(subtests, number):
    for part in range(3):
        with subtests.test("part", part=part):
            assert part < 3


def test_some_fail(subtests):
    for part in range(4):
        with subtests.test(msg="odd", part=part):
            assert part % 2 == 0
    assert True


@pytest.mark.serial
def test_skipped_within(subtests):
    with subtests.test("skipped"):
        pytest.skip("not here")
    with subtests.test("expected"):
        pytest.xfail("not yet")


@pytest.mark.shared_resource("key")
def test_fails_itself_too(subtests):
    with subtests.test("good"):
        pass
    with subtests.test("bad"):
        raise ValueError("bad")
    raise AssertionError("itself")


class TestUnittest(unittest.TestCase):
    def test_with_subtests(self):
        for part in range(4):
            with self.subTest("unittest", part=part):
                assert part != 2

    def test_plain(self):
        pass


@pytest.mark.parametrize("number", range(8))
def test_without(number):
    pass
