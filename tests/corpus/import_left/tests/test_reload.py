import sys

import pytest
from rules.loading import load, loaded


def test_rules_are_loaded_from_a_folder(write_rules):
    assert load(write_rules("number > 9")).allowed(10)


def test_nothing_stays_behind(write_rules):
    before = [*sys.path]
    with loaded(write_rules("True", "short_rules"), "short_rules"):
        assert "short_rules" in sys.modules
    assert sys.path == before
    assert "short_rules" not in sys.modules


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_rules_of_every_day(limit, write_rules):
    with loaded(write_rules(f"number < {limit}", "day_rules"), "day_rules") as day:
        assert not day.allowed(limit)


def test_no_rules(tmp_path):
    with pytest.raises(ModuleNotFoundError), loaded(tmp_path, "no_rules"):
        pass


def test_a_folder_of_this_test(tmp_path, monkeypatch):
    (tmp_path / "own_rules.py").write_text("LIMIT = 5\n")
    monkeypatch.syspath_prepend(tmp_path)
    import own_rules

    del sys.modules["own_rules"]
    assert own_rules.LIMIT == 5
