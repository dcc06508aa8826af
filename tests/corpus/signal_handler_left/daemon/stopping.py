import contextlib
import signal


class Stop:
    """Whether the service was asked to end."""

    def __init__(self):
        self.asked = False

    def __call__(self, number, frame):
        self.asked = True

    def __repr__(self):
        return f"Stop(asked={self.asked})"


@contextlib.contextmanager
def stopping(number=signal.SIGTERM):
    """Yields what tells of the signal; the handler from before is put back."""
    stop = Stop()
    before = signal.signal(number, stop)
    try:
        yield stop
    finally:
        signal.signal(number, before)
