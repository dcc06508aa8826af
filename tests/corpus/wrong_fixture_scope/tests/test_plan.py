import pytest
from planner.week import DAYS, Week


@pytest.fixture(scope="module")
def week():
    return Week()


@pytest.fixture
def own_week():
    return Week()


def test_a_new_week_is_empty(week):
    assert week.count() == 0


def test_a_meeting_is_added(week):
    before = week.count()
    week.add("Mon", 8 + before, "coffee")
    assert week.count() == before + 1


@pytest.mark.parametrize("day", DAYS)
def test_every_day_can_have_meetings(day, own_week):
    own_week.add(day, 9, "standup")
    assert own_week.on(day) == [(9, "standup")]


def test_an_hour_is_taken_once(own_week):
    own_week.add("Tue", 10, "one")
    with pytest.raises(ValueError, match="Tue at 10 is taken"):
        own_week.add("Tue", 10, "two")


def test_weekends_are_free(week):
    assert "Sun" not in week.meetings
