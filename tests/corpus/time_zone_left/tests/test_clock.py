import re

from agenda.clock import offset, offset_of_a_child


def test_a_child_shows_the_same_offset():
    assert offset_of_a_child() == offset()


def test_an_offset_has_a_sign_and_four_digits():
    assert re.fullmatch(r"[+-]\d{4}", offset())
