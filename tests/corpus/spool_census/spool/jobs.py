import time
import uuid
from pathlib import Path

SPOOL = Path(__file__).parents[1] / "spooled"
PRINT_S = 0.06
"""How long a page takes."""


def submit(text, spool=None):
    """The job, whose name nobody else has."""
    spool = spool or SPOOL
    spool.mkdir(parents=True, exist_ok=True)
    job = spool / f"{uuid.uuid4().hex}.job"
    job.write_text(text, encoding="utf-8")
    return job


def waiting(spool=None):
    return sorted((spool or SPOOL).glob("*.job"))


def print_out(job):
    time.sleep(PRINT_S)
    text = job.read_text(encoding="utf-8")
    job.unlink()
    return text
