import os
import time

import pytest
from agenda.zones import at, local, zone

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="zones can't be set here")


@pytest.fixture(scope="module")
def utc():
    with zone("UTC0"):
        yield


def test_a_meeting_in_another_zone(monkeypatch):
    monkeypatch.setenv("TZ", "XYZ-5:37")
    time.tzset()
    assert local(0) == "05:37"


@pytest.mark.parametrize(("hours", "text"), [(0, "00:00"), (1, "01:00"), (-5, "19:00")])
def test_midnight_elsewhere(hours, text):
    assert at(0, hours) == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "00:00"), (3600, "01:00"), (86399, "23:59")])
def test_times_of_utc(seconds, text, utc):
    assert local(seconds) == text


def test_a_zone_is_given_back():
    before = time.tzname
    with zone("ABC-3"):
        assert local(0) == "03:00"
    assert time.tzname == before


def test_a_variable_alone_changes_nothing(monkeypatch):
    before = time.tzname
    monkeypatch.setenv("TZ", "ABC-3")
    assert time.tzname == before
    assert os.environ["TZ"] == "ABC-3"


def test_a_zone_in_a_zone(utc):
    with zone("ABC-3"):
        pass
    assert local(0) == "00:00"
