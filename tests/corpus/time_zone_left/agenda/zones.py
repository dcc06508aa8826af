import contextlib
import os
import time
from datetime import datetime, timedelta, timezone


def local(seconds):
    """Hours and minutes in the zone of the process."""
    return time.strftime("%H:%M", time.localtime(seconds))


def at(seconds, hours):
    """Hours and minutes in a zone that is so many hours east."""
    zone = timezone(timedelta(hours=hours))
    return datetime.fromtimestamp(seconds, zone).strftime("%H:%M")


@contextlib.contextmanager
def zone(name):
    """Another zone of the process, which is given back."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        del os.environ["TZ"]
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()
