import pytest
from wiki.pages import read, write


def test_the_front_page_is_written(run_folder):
    write(run_folder, "front", "Welcome to the [[wiki]]")
    assert (run_folder / "front.txt").is_file()


@pytest.mark.parametrize("text", ["", "a line", "two\nlines", "ünïcode"])
def test_what_was_written_is_read(text, tmp_path):
    write(tmp_path, "page", text)
    assert read(tmp_path, "page") == text


def test_the_last_text_wins(tmp_path):
    write(tmp_path, "page", "old")
    write(tmp_path, "page", "new")
    assert read(tmp_path, "page") == "new"


@pytest.mark.parametrize("name", ["history", "about"])
def test_pages_of_their_own(name, run_folder):
    write(run_folder, name, name)
    assert read(run_folder, name) == name
