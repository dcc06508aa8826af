import pytest
from wiki.links import links
from wiki.pages import read


def test_the_front_page_is_read(run_folder):
    assert links(read(run_folder, "front")) == ["wiki"]


@pytest.mark.parametrize("name", ["none", "never"])
def test_a_page_that_nobody_wrote(name, tmp_path):
    assert read(tmp_path, name) == ""


def test_a_page_from_elsewhere(tmp_path):
    (tmp_path / "moved.txt").write_bytes(b"from elsewhere")
    assert read(tmp_path, "moved") == "from elsewhere"
