import pytest
from exporters.listing import listing
from exporters.registry import Registry


def test_the_formats_of_the_application():
    assert listing() == "loud, plain"


@pytest.mark.parametrize("names", ["", "a", "ab", "ba"])
def test_a_listing_is_sorted(names):
    assert listing(Registry(dict.fromkeys(names))) == ", ".join(sorted(names))
