import shutil
import time
from datetime import datetime
from pathlib import Path

SETTLE_S = 0.25
"""How long a folder must be still before it is backed up."""


def stamp(now=None):
    return (now or datetime.now()).strftime("%Y%m%d-%H%M%S")


def back_up(folder, target, settle_s=SETTLE_S, now=None):
    """Copy ``folder`` into ``target``, under the time at which that was done."""
    time.sleep(settle_s)
    return Path(shutil.copytree(folder, target / stamp(now)))
