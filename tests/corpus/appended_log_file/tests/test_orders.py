import pytest
from trail.events import order
from trail.log import behind


def test_an_order_is_three_lines():
    with behind() as lines:
        order("bob", ["lamp", "desk"])
    assert lines == ["order of bob", "  lamp", "  desk"]


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_line_for_each_article(count, tmp_path, no_mail):
    order("ann", ["lamp"] * count, tmp_path / "log")
    assert len((tmp_path / "log").read_text().splitlines()) == count + 1


def test_two_orders_one_after_the_other(tmp_path, no_mail):
    with behind(tmp_path / "log") as lines:
        order("ann", ["lamp"], tmp_path / "log")
        order("bob", [], tmp_path / "log")
    assert lines == ["order of ann", "  lamp", "order of bob"]
