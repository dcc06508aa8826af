"""A shop small enough to read, with the habits that make real suites unsafe in parallel.

It keeps its orders in one SQLite file, its prices in one settings file, and its invoices in one
folder, all at fixed places: two tests that touch the same one at the same time get in each other's
way.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

HOME = Path(__file__).parent / "var"
ORDERS = HOME / "orders.sqlite"
SETTINGS = HOME / "settings.json"
INVOICES = HOME / "invoices"


def price(amount: int, unit_cents: int, discount_percent: int = 0) -> int:
    """The price in cents, rounded down."""
    if amount < 0 or not 0 <= discount_percent <= 100:
        raise ValueError("amounts are not negative, and discounts between 0 and 100")
    return amount * unit_cents * (100 - discount_percent) // 100


def open_orders() -> sqlite3.Connection:
    """A connection to the orders, which are created empty."""
    HOME.mkdir(exist_ok=True)
    connection = sqlite3.connect(ORDERS, timeout=0)
    connection.execute("CREATE TABLE IF NOT EXISTS orders (customer TEXT, cents INTEGER)")
    return connection


def turnover() -> int:
    """The sum of all orders in cents."""
    with open_orders() as connection:
        (total,) = connection.execute("SELECT COALESCE(SUM(cents), 0) FROM orders").fetchone()
    return int(total)


def order(customer: str, cents: int) -> None:
    """Add an order."""
    with open_orders() as connection:
        connection.execute("INSERT INTO orders VALUES (?, ?)", (customer, cents))


def change_setting(name: str, value: object) -> None:
    """Read the settings, change one, write them back: not safe for two at once."""
    HOME.mkdir(exist_ok=True)
    settings = json.loads(SETTINGS.read_text()) if SETTINGS.exists() else {}
    SETTINGS.write_text(json.dumps({**settings, name: value}))


def setting(name: str) -> object:
    """The value of a setting."""
    return json.loads(SETTINGS.read_text())[name]


def write_invoice(number: int, cents: int) -> Path:
    """Write an invoice."""
    INVOICES.mkdir(parents=True, exist_ok=True)
    path = INVOICES / f"{number}.txt"
    path.write_text(f"{cents} cents")
    return path


def archive_invoices() -> int:
    """Remove all invoices; how many there were."""
    found = sorted(INVOICES.glob("*.txt")) if INVOICES.exists() else []
    for path in found:
        path.unlink()
    return len(found)
