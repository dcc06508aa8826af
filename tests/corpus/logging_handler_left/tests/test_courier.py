import io
import logging

import pytest
from dispatch.courier import handlers, tour
from dispatch.setup import logging_to


def test_a_tour_is_logged_once():
    with logging_to(io.StringIO()):
        tour({"a": 1})
        assert handlers() == 1


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_tour_has_every_parcel(count):
    assert len(tour({f"parcel {number}": number for number in range(count)})) == count


def test_the_heaviest_comes_first():
    assert tour({"light": 1, "heavy": 9, "middle": 5}) == ["heavy", "middle", "light"]


def test_the_line_tells_how_many(caplog):
    tour({"a": 1, "b": 2})
    assert caplog.messages == ["tour with 2 parcels"]


def test_quiet_tours(caplog):
    with caplog.at_level(logging.ERROR, "dispatch"):
        tour({"a": 1})
    assert caplog.messages == []
