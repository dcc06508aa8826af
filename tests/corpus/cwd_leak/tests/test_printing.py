import os
from pathlib import Path

import pytest
from catalog.printing import print_out


def test_printing_into_the_current_folder(tmp_path):
    os.chdir(tmp_path)
    assert print_out(["lamp"]) == (tmp_path / "catalog.out").resolve()


@pytest.mark.parametrize("names", [[], ["lamp"], ["lamp", "desk"]])
def test_a_line_for_each_article(names, tmp_path):
    path = print_out(names, tmp_path / "out")
    assert len(path.read_text().splitlines()) == len(names)


def test_printing_again_replaces(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    print_out(["lamp"])
    print_out(["desk"])
    assert Path("catalog.out").read_text() == "* desk\n"


class TestInTheWorkshop:
    def test_it_is_printed_there(self, workshop):
        assert print_out(["lamp"]).parent == workshop.resolve()

    def test_under_another_name(self, workshop):
        print_out(["lamp"], Path("other"))
        assert (workshop / "other").is_file()
