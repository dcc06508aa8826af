import contextlib
import logging

log = logging.getLogger("dispatch")


def log_to(stream):
    """Lines go to ``stream`` from now on; returns the handler."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    log.addHandler(handler)
    return handler


@contextlib.contextmanager
def logging_to(stream):
    """Lines go to ``stream`` in the block."""
    handler = log_to(stream)
    try:
        yield
    finally:
        log.removeHandler(handler)
