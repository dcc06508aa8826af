import pytest
from wiki.links import links, missing
from wiki.pages import write


@pytest.mark.parametrize(
    ("text", "found"), [("", []), ("[[a]]", ["a"]), ("[[a]] and [[b]]", ["a", "b"]), ("[a]", [])]
)
def test_links_of_a_text(text, found):
    assert links(text) == found


def test_pages_that_nobody_wrote(tmp_path):
    write(tmp_path, "here", "text")
    assert missing(tmp_path, "[[here]] [[there]]") == ["there"]
