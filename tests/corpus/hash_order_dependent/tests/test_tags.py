import pytest
from tags.tagging import listing, tags


def test_tags_are_listed():
    assert listing(tags("a #sunny day at the #beach")) == "sunny, beach"


@pytest.mark.parametrize(
    ("text", "found"),
    [("", set()), ("no tag", set()), ("#", set()), ("#One", {"one"}), ("#a #b #a", {"a", "b"})],
)
def test_tags_of_a_text(text, found):
    assert tags(text) == found


@pytest.mark.parametrize("words", [["b", "a"], ["a", "b"], []])
def test_a_listing_of_a_list(words):
    assert listing(words).split(", ") == (words or [""])


def test_a_sorted_listing():
    assert listing(sorted(tags("#sea #air #land"))) == "air, land, sea"
