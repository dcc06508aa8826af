import contextlib
import sqlite3
from pathlib import Path

DEVELOPMENT = Path(__file__).parents[1] / "var" / "development.sqlite"


@contextlib.contextmanager
def connected(path=DEVELOPMENT):
    """A connection to a database that has the table; committed and closed behind the block."""
    if path != ":memory:":
        path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection:
        with connection:
            connection.execute("CREATE TABLE IF NOT EXISTS orders (article TEXT, cents INTEGER)")
        yield connection
        connection.commit()
