"""Databases of workers, with SQLite: variables, the fixture, templates, and what goes wrong."""

from __future__ import annotations

import sys

import pytest

VARIABLE = "SHOP_DATABASE_URL"
CONFTEST = f"""
import os, sqlite3, witness
from contextlib import closing
import pytest

witness.tell("import", url=os.environ["{VARIABLE}"])

def path_of(url):
    return url.removeprefix("sqlite:///")

def pytest_markersteal_prepare_database(url, variable):
    assert variable == "{VARIABLE}"
    assert os.environ["{VARIABLE}"] == url
    witness.tell("prepare", url=url)
    with closing(sqlite3.connect(path_of(url))) as connection:
        connection.executescript(open("schema.sql").read())

@pytest.fixture
def shop(worker_database):
    with closing(sqlite3.connect(path_of(worker_database.url))) as connection:
        yield connection
"""
TEST = f"""
import os, witness

def test_rows(shop, worker_database, worker_slot):
    assert worker_database.url == os.environ["{VARIABLE}"]
    assert worker_database.url == f"sqlite:///{{worker_database.name}}.db"
    assert worker_database.name.endswith(f"_{{worker_slot}}")
    assert shop.execute("SELECT * FROM item").fetchall() == [("apple",)]
    shop.execute("INSERT INTO item VALUES ('pear')")
    shop.commit()
    witness.tell("test", url=worker_database.url)
    witness.meet("all tests", 2)
"""


@pytest.fixture(autouse=True)
def suite(pytester, monkeypatch, witness):
    """One with two modules, a worker each, that change the same row."""
    pytester.makeini(
        f"""
        [pytest]
        markersteal_databases = {VARIABLE}
        markersteal_database_sources = *.sql
        """
    )
    (pytester.path / "schema.sql").write_text(
        "CREATE TABLE item (name); INSERT INTO item VALUES ('apple')"
    )
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_a=TEST, test_b=TEST)
    monkeypatch.setenv(VARIABLE, "sqlite:///shop.db")


def files(pytester):
    """The databases that are there, and what is beside them."""
    return sorted(path.name for path in pytester.path.glob("shop*"))


def told(witness, name):
    """The URLs that were told as ``name``, by process."""
    return {event["worker"]: event["url"] for event in witness.events() if event["name"] == name}


def test_each_worker_has_its_own_before_it_imports_a_conftest(pytester, run_markersteal, witness):
    """Prepared once; used again by a later run; nothing but the template is left."""
    run_markersteal(n=2).assert_outcomes(passed=2)
    imported = told(witness, "import")
    assert imported["main"] == imported["gw0"] != imported["gw1"]
    assert told(witness, "test") == {name: imported[name] for name in ("gw0", "gw1")}
    assert witness.names().count("prepare") == 1
    left = files(pytester)
    assert [name.startswith("shop_markersteal_t") for name in left] == [True, True]

    run_markersteal(n=2).assert_outcomes(passed=2)
    assert len(set(told(witness, "test").values()) | set(imported.values())) == 4
    assert witness.names().count("prepare") == 1
    assert files(pytester) == left


DYING = """
import os

def test_dies(worker_database):
    open("locked", "w").write(worker_database.name)
    os._exit(1)

def test_other(): pass
"""


@pytest.mark.parametrize("dist", ["markersteal", "worksteal"])
def test_a_database_goes_with_its_worker(pytester, run_pytest, dist):
    """Also where no test after the crash asks for it, and of a template that only this run had."""
    # Without sources, no later run could use the template.
    pytester.makeini(f"[pytest]\nmarkersteal_databases = {VARIABLE}")
    pytester.makepyfile(test_a=DYING, test_b="")
    run_pytest("-n2", f"--dist={dist}").assert_outcomes(passed=1, failed=1)
    assert not files(pytester)


REFUSING = """
def connect(url):
    raise OSError("no route to it")
"""
LOCKED = """
from pytest_markersteal.safety.databases.server import connect as real

def connect(url):
    holder, server = real(url), real(url)
    assert holder.lock(open("locked").read(), 0)
    server.lock = lambda name, timeout_s: real(url).lock(name, 0)
    return server
"""


ALIVE = """
import dataclasses, os
import pytest_markersteal.safety.databases.abandoned as abandoned
from pytest_markersteal.safety.databases.records import owner, started
from pytest_markersteal.safety.databases.server import connect

here = {"pid": os.getpid(), "started": started(os.getpid())}
abandoned.owner = lambda text: dataclasses.replace(owner(text), **here)
"""


@pytest.mark.parametrize(
    ("connecting", "why"),
    [
        pytest.param(
            ALIVE,
            "shop_markersteal_* is in use by pid *",
            # Whether a process lives, only POSIX tells: see docs/support.md.
            marks=pytest.mark.skipif(sys.platform == "win32", reason="nobody tells there"),
        ),
        (REFUSING, "those made from shop were not looked for: no route to it"),
        (LOCKED, "shop_markersteal_* is still locked"),
    ],
)
def test_a_database_that_can_not_be_dropped_is_told(pytester, run_markersteal, connecting, why):
    """With what looks for it, and why it is still there."""
    pytester.makepyfile(test_a=DYING, test_b="")
    pytester.makepyfile(connecting=connecting)
    pytester.makeconftest(
        CONFTEST
        + """
def pytest_testnodedown():
    import connecting
    import pytest_markersteal.safety.databases.abandoned as abandoned

    abandoned.connect = connecting.connect
"""
    )
    result = run_markersteal(n=2)
    told = f"markersteal: databases of workers that died: {why}; look with 'markersteal doctor'"
    result.stdout.fnmatch_lines([told])
    assert (pytester.path / "locked").read_text() + ".db" in files(pytester)


def test_databases_are_kept_on_request(pytester, run_markersteal, witness, capsys, monkeypatch):
    """Until the doctor removes them."""
    from pytest_markersteal.cli.main import main

    run_markersteal("--markersteal-keep-databases", n=2).assert_outcomes(passed=2)
    kept = {url.removeprefix("sqlite:///") for url in told(witness, "test").values()}
    assert len(kept) == 2
    assert kept < set(files(pytester))
    assert main(["doctor", "sqlite:///shop.db"]) == 1
    assert capsys.readouterr().out.count("; kept on request") == 2
    assert main(["doctor", "--reap", "sqlite:///shop.db"]) == 0
    assert len(files(pytester)) == 2


def test_a_preparation_that_fails_fails_everywhere(pytester, run_markersteal, witness):
    """It is tried once, all tests tell its error, and nothing is left of it."""
    (pytester.path / "schema.sql").write_text("CREATE TALBE item (name)")
    result = run_markersteal(n=2)
    result.assert_outcomes(errors=2)
    assert result.stdout.str().count('near "TALBE": syntax error') >= 2
    assert witness.names().count("prepare") == 1
    assert not files(pytester)


def test_several_variables_can_lead_to_one_database_or_to_others(pytester, run_pytest, monkeypatch):
    """One database for the first two, which have other drivers; none for the last, in memory."""
    pytester.makeini("[pytest]\nmarkersteal_databases = FIRST SECOND THIRD MEMORY")
    monkeypatch.setenv("FIRST", "sqlite:///shop.db")
    monkeypatch.setenv("SECOND", "sqlite+aiosqlite:///./shop.db?timeout=5")
    monkeypatch.setenv("THIRD", "sqlite:///data/bank.db")
    monkeypatch.setenv("MEMORY", "sqlite://")
    pytester.makeconftest(
        """
        import os, witness

        def pytest_markersteal_prepare_database(variable, url):
            witness.tell(variable, url=url, second=os.environ["SECOND"])
        """
    )
    pytester.makepyfile(
        test_a="""
        import os
        from pathlib import Path

        def test_it(worker_database):
            urls = worker_database.urls
            assert worker_database.url == urls["FIRST"]
            assert urls == {name: os.environ[name] for name in urls}
            name = worker_database.name
            assert urls["SECOND"] == f"sqlite+aiosqlite:///./{name}.db?timeout=5"
            assert urls["MEMORY"] == "sqlite://"
            assert Path(urls["THIRD"].removeprefix("sqlite:///")).exists()
            assert len(list(Path().glob("shop*.db"))) == 2
        """,
        test_b="",
    )
    result = run_pytest("-n0")
    result.assert_outcomes(passed=1)


def test_the_fixture_says_what_it_needs(pytester, run_pytest):
    """The line in the ini file."""
    pytester.makeini("[pytest]")
    result = run_pytest("-n0", "-k", "test_a")
    result.stdout.fnmatch_lines(["*worker_database needs the variable*DATABASE_URL*"])


def test_a_variable_that_is_not_set_is_a_usage_error(run_pytest, monkeypatch):
    """Before anything is collected, with workers too."""
    monkeypatch.delenv(VARIABLE)
    result = run_pytest("-n2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: markersteal_databases: *{VARIABLE} is not set*"])


def test_without_the_extra_the_error_says_what_to_install(pytester, run_pytest, monkeypatch):
    """Only where a database is made: variables need no library."""
    monkeypatch.setenv(VARIABLE, "postgresql://localhost/shop")
    pytester.makeconftest("import sys\nsys.modules['sqlalchemy'] = None")
    pytester.makepyfile(
        test_a=f"""
        import os

        def test_variable():
            assert "/shop_markersteal_" in os.environ["{VARIABLE}"]

        def test_database(worker_database): pass
        """,
        test_b="",
    )
    result = run_pytest("-n0")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*need sqlalchemy: pip install 'pytest-markersteal[[]db[]]'"])


def test_the_doctor_says_where_it_does_not_know_where_to_look(pytester):
    """In a folder whose ini file names no variable, or where pytest does not start."""
    command = [sys.executable, "-m", "pytest_markersteal.cli", "doctor"]
    for ini, told in (
        ("[pytest]", "no markersteal_databases in the ini file of pytest; name a URL"),
        ("[pytest]\nmarkersteal_databases = NO_SUCH_VARIABLE", "NO_SUCH_VARIABLE is not set"),
    ):
        pytester.makeini(ini)
        done = pytester.run(*command)
        assert done.ret == 2
        assert told in done.stderr.str()
