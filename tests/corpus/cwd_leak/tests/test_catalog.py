from pathlib import Path

import pytest
from catalog.articles import articles

HERE = Path(__file__).parent


def test_the_catalog_of_the_shop():
    assert articles() == ["desk", "lamp", "shelf"]


@pytest.mark.parametrize("count", [0, 1, 3, 8])
def test_a_catalog_has_any_number_of_articles(count, tmp_path):
    (tmp_path / "catalog.txt").write_text("lamp\n" * count)
    assert articles(tmp_path / "catalog.txt") == ["lamp"] * count


def test_a_relative_catalog(tmp_path, monkeypatch):
    (tmp_path / "own.txt").write_text("rug")
    monkeypatch.chdir(tmp_path)
    assert articles(Path("own.txt")) == ["rug"]


def test_an_absolute_catalog():
    assert "lamp" in articles(HERE.parent / "data" / "catalog.txt")
