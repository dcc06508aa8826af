import time

from spool.jobs import waiting

BETWEEN_S = 0.01
LOOKS = 4


def most_waiting(spool=None):
    """The most jobs that waited in a few looks."""
    most = 0
    for _ in range(LOOKS):
        most = max(most, len(waiting(spool)))
        time.sleep(BETWEEN_S)
    return most
