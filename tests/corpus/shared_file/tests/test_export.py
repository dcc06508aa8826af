import pytest
from reports.export import MONTHLY, export, load


def test_the_export_has_a_line_per_sale(sales):
    export(sales)
    assert len(load()) == len(sales)
    MONTHLY.unlink(missing_ok=True)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_what_was_written_is_read(count, sales, tmp_path):
    path = tmp_path / "some.csv"
    export(sales[:count], path)
    assert load(path) == sales[:count]


def test_a_name_may_have_a_comma(tmp_path):
    export([("rope, blue", 7)], tmp_path / "rope.csv")
    assert load(tmp_path / "rope.csv") == [("rope, blue", 7)]


def test_folders_are_made(sales, tmp_path):
    export(sales, tmp_path / "2026" / "may.csv")
    assert (tmp_path / "2026" / "may.csv").is_file()
