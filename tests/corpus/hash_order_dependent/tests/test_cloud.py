import pytest
from tags.cloud import cloud


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], []),
        (["#a"], [("a", 1)]),
        (["#a #b", "#b"], [("b", 2), ("a", 1)]),
        (["#b #a"], [("a", 1), ("b", 1)]),
        (["#a #a #a"], [("a", 1)]),
    ],
)
def test_the_most_frequent_come_first(texts, expected):
    assert cloud(texts) == expected


def test_many_texts():
    assert cloud(["#all"] * 100) == [("all", 100)]
