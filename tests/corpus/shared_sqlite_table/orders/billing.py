import time

CHARGE_S = 0.04
"""How long the bank takes."""


def bill(connection):
    """The cents of all orders, once the bank has agreed."""
    time.sleep(CHARGE_S)
    return connection.execute("SELECT coalesce(sum(cents), 0) FROM orders").fetchone()[0]
