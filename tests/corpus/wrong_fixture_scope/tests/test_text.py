import pytest
from planner.text import as_text
from planner.week import Week


@pytest.fixture(scope="module")
def full_week():
    """Read only, so that one is enough for all."""
    week = Week()
    week.add("Fri", 9, "review")
    week.add("Mon", 14, "planning")
    week.add("Mon", 8, "standup")
    return week


def test_an_empty_week():
    assert as_text(Week()) == "nothing"


@pytest.mark.parametrize(
    ("line", "text"),
    [(0, "Mon 08:00 standup"), (1, "Mon 14:00 planning"), (2, "Fri 09:00 review")],
)
def test_meetings_are_in_order(line, text, full_week):
    assert as_text(full_week).splitlines()[line] == text
