import pytest
from backups.rotation import rotate


@pytest.fixture
def three(tmp_path):
    target = tmp_path / "target"
    for name in ("1", "2", "3"):
        (target / name).mkdir(parents=True)
    return target


@pytest.mark.parametrize(("keep", "removed"), [(1, ["1", "2"]), (2, ["1"]), (3, []), (9, [])])
def test_the_newest_are_kept(keep, removed, three):
    assert rotate(three, keep) == removed


def test_none_is_kept(three):
    assert rotate(three, 0) == ["1", "2", "3"]


def test_twice_is_as_good_as_once(three):
    rotate(three, 1)
    assert rotate(three, 1) == []
