class OpenError(Exception):
    """The circuit is open: nobody is asked."""


class Breaker:
    """Asks nobody any more after so many failures."""

    def __init__(self, limit):
        self.limit = limit
        self.failures = 0

    def call(self, function, *args):
        if self.failures >= self.limit:
            raise OpenError(f"{self.failures} failures")
        try:
            return function(*args)
        except ConnectionError:
            self.failures += 1
            raise
