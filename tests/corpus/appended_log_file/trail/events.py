import logging
import time

from trail.log import append

MAIL_S = 0.04
"""How long the mail takes that goes with an event."""
log = logging.getLogger(__name__)


def login(user, path=None):
    append(f"login {user}", path)
    time.sleep(MAIL_S)
    log.info("%s logged in", user)


def order(user, articles, path=None):
    append(f"order of {user}", path)
    time.sleep(MAIL_S)
    for article in articles:
        append(f"  {article}", path)
