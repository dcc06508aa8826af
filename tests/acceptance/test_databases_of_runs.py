"""Databases of workers on real servers: many workers, two runs at once, deaths of all kinds."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing

import pytest
from conftest import Lab

from pytest_markersteal.cli.main import main
from pytest_markersteal.safety.databases.names import parsed
from pytest_markersteal.safety.databases.server import connect
from pytest_markersteal.safety.databases.urls import parse

pytestmark = pytest.mark.xdist_group("databases")

PLUGINS = ("anyio", "pytest-split", "reportlog", "rerunfailures", "timeout")
LEAN = [f"-pno:{name}" for name in PLUGINS]
"""Without more plugins than a lab has anyway, as there are many workers to start."""

VARIABLE = "SHOP_DATABASE_URL"

INI = f"""
[pytest]
markersteal_databases = {VARIABLE}
markersteal_database_sources = migrations
"""

CONFTEST = f"""
import sqlalchemy

def pytest_markersteal_prepare_database(config, url):
    note(event="prepare", url=url)
    assert os.environ["{VARIABLE}"] == url
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        for path in sorted((HERE / "migrations").iterdir()):
            connection.exec_driver_sql(path.read_text())
    # Its pool keeps a connection.


@pytest.fixture
def shop(worker_database):
    assert worker_database.url == os.environ["{VARIABLE}"]
    engine = sqlalchemy.create_engine(worker_database.url, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        yield connection
"""

MIGRATION = "CREATE TABLE seen (id INTEGER PRIMARY KEY, worker VARCHAR(40), pid INTEGER)"

EACH_SEES_ITS_OWN = """
import uuid

@pytest.mark.parametrize("n", range(24))
def test_rows(n, shop, worker_database):
    note(event="database", name=worker_database.name)
    mine = os.environ["PYTEST_XDIST_TESTRUNUID"] + os.environ["PYTEST_XDIST_WORKER"]
    count = shop.exec_driver_sql("SELECT count(*) FROM seen").scalar()
    shop.exec_driver_sql(f"INSERT INTO seen VALUES ({n}, '{mine}', {os.getpid()})")
    shop.commit()
    pids = shop.exec_driver_sql("SELECT pid FROM seen").scalars().all()
    assert pids == [os.getpid()] * (count + 1)
    if count == 0:
        touch(f"here.{os.environ['PYTEST_XDIST_WORKER']}")
        wait_for("go-on")
"""


@pytest.fixture(params=["postgresql", "mariadb"])
def url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL in the variable of inner runs; nothing may be left on its server."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    monkeypatch.setenv(VARIABLE, url)
    yield url
    with closing(connect(parse(url))) as server:
        for name in server.databases("shop"):
            server.drop(name, even_if_used=True)


def databases(url: str) -> list[str]:
    """The databases of slots on the server."""
    return [name for name in noted(url) if (known := parsed(name)) and not known.is_template]


def noted(url: str) -> Mapping[str, str]:
    with closing(connect(parse(url))) as server:
        return server.databases("shop")


def shop(lab: Lab, tests: str, *, conftest: str = CONFTEST) -> Lab:
    """Write a suite that uses a database."""
    (lab.path / "pytest.ini").write_text(INI)
    lab.conftest(conftest)
    (lab.path / "migrations").mkdir(exist_ok=True)
    (lab.path / "migrations" / "1.sql").write_text(MIGRATION)
    lab.module(tests)
    return lab


def test_workers_of_two_runs_see_only_their_own_rows(url: str, new_lab: Callable[[], Lab]) -> None:
    """All at the same time; the template is made once for all of them, and is what stays."""
    workers = 8 if url.startswith("postgresql") else 2
    labs = [shop(new_lab(), EACH_SEES_ITS_OWN) for _ in range(2)]
    for lab in labs:
        lab.start(*LEAN, workers=workers)
    for lab in labs:
        lab.wait_until(lambda lab=lab: len(list(lab.path.glob("here.*"))) == workers)
    assert len(databases(url)) == 2 * workers
    for lab in labs:
        lab.touch("go-on")
    for lab in labs:
        lab.finish().check(status=0)
    events = [event for lab in labs for event in lab.events()]
    assert len({event["name"] for event in events if event["event"] == "database"}) == 2 * workers
    assert [event["event"] for event in events].count("prepare") == 1
    (left,) = noted(url)
    assert (known := parsed(left)) is not None
    assert known.is_template


@pytest.mark.needs_signals
def test_the_replacement_of_a_killed_worker_begins_afresh(url: str, lab: Lab) -> None:
    """The one that died was in a transaction, with a query running in another connection."""
    shop(
        lab,
        """
import threading, sqlalchemy

@pytest.mark.parametrize("n", range(4))
def test_rows(n, shop, worker_database):
    assert shop.exec_driver_sql("SELECT count(*) FROM seen").scalar() in range(n + 1)
    shop.exec_driver_sql(f"INSERT INTO seen VALUES ({n}, '', {os.getpid()})")
    shop.commit()
    assert set(shop.exec_driver_sql("SELECT pid FROM seen").scalars()) == {os.getpid()}
    if first("crash"):
        shop.exec_driver_sql(f"INSERT INTO seen VALUES (99, '', {os.getpid()})")
        engine = sqlalchemy.create_engine(worker_database.url)
        busy = engine.connect()
        note(event="name", name=worker_database.name)
        sleep = {"postgresql": "SELECT pg_sleep(300)", "mysql": "SELECT sleep(300)"}
        query = sleep[engine.dialect.name]
        threading.Thread(target=busy.exec_driver_sql, args=[query], daemon=True).start()
        die("kill")
    note(event="name", name=worker_database.name)
""",
    )
    ledger = lab.run(*LEAN, workers=1).check(status=1, crashed=["test_rows[0]"])
    assert len({event["name"] for event in ledger.of("name")}) == 1
    assert len(ledger.of("prepare")) == 1
    assert not databases(url)


@pytest.mark.needs_signals
def test_a_worker_that_nobody_replaces_leaves_nothing(url: str, lab: Lab) -> None:
    """It died in the last test, in the midst of a transaction."""
    shop(
        lab,
        """
def test_rows(shop, worker_database):
    shop.exec_driver_sql(f"INSERT INTO seen VALUES (1, '', {os.getpid()})")
    die("kill")
""",
    )
    lab.run(*LEAN, workers=1).check(status=1, crashed=["test_rows"])
    assert not databases(url)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.needs_signals
def test_what_killed_runs_leave_is_reaped_and_nothing_else(
    url: str, new_lab: Callable[[], Lab], capsys: pytest.CaptureFixture[str]
) -> None:
    """One run is killed with all its workers while another one goes on."""
    killed, alive = (shop(new_lab(), EACH_SEES_ITS_OWN) for _ in range(2))
    for lab in (killed, alive):
        lab.start(*LEAN)
    for lab in (killed, alive):
        lab.wait_until(lambda lab=lab: len(list(lab.path.glob("here.*"))) == 2)
    assert killed.process is not None
    os.killpg(killed.process.pid, signal.SIGKILL)
    killed.process.wait()
    assert not killed.leftovers()
    names = {event["name"] for event in alive.events() if event["event"] == "database"}
    assert len(databases(url)) == 4

    assert main(["doctor", url]) == 1
    printed = capsys.readouterr().out
    assert printed.count("left over shop_markersteal_") == 2
    assert printed.count("(1 connected)") == 2
    assert "2 left over; 'markersteal doctor --reap' removes them" in printed
    assert len(databases(url)) == 4

    assert main(["doctor", "--reap", url]) == 0
    printed = capsys.readouterr().out
    assert printed.count("removed   shop_markersteal_") == 2
    assert set(databases(url)) == names
    alive.touch("go-on")
    alive.finish().check(status=0)
    assert main(["doctor", "--reap", url]) == 0
    assert not databases(url)
