from breaker.circuit import Breaker

BREAKER = Breaker(limit=2)


def pay(cents, bank, breaker=None):
    return (breaker or BREAKER).call(bank, cents)


def retry(cents, banks, breaker=None):
    """The answer of the first bank that is there."""
    for bank in banks:
        try:
            return pay(cents, bank, breaker)
        except ConnectionError as error:
            last = error
    raise last
