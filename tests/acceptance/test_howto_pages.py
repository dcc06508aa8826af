"""The pages on Django, FastAPI and Alembic: their files as they stand, on real databases."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import closing

import pytest
from conftest import Lab
from doc_pages import blocks

from pytest_markersteal.safety.databases.names import parsed
from pytest_markersteal.safety.databases.server import connect
from pytest_markersteal.safety.databases.urls import parse

pytestmark = pytest.mark.xdist_group("databases")

FILE = re.compile(r"# (\S+)\n")

LEAN = [
    f"-pno:{name}" for name in ("anyio", "pytest-split", "reportlog", "rerunfailures", "timeout")
]
"""Without more plugins than a lab has anyway, as there are many workers to start."""

MEET = """
from pytest_markersteal import run_id, slot_count, worker_slot

def meet():
    '''Wait until all workers are here, each in a test.'''
    touch(f"{run_id()}.{worker_slot()}.here")
    wait_until(lambda: len(list(HERE.glob(f"{run_id()}.*.here"))) == slot_count())
"""

DJANGO_MIGRATION = """
from django.db import migrations
from lab import note

class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.RunPython(lambda apps, editor: note(event="migrated"))]
"""

DJANGO_TOGETHER = """
from django.core.files.base import ContentFile
from shop.models import Order

def test_together(transactional_db, client):
    order = Order.objects.create(number=1)
    order.invoice.save("1.txt", ContentFile(b""))
    meet()
    assert client.get("/orders/").json() == {"count": 1}
    assert Order.objects.get().invoice.name == "invoices/1.txt"
"""

FASTAPI_TOGETHER = """
def test_together(client):
    assert client.post("/orders/1").status_code == 201
    meet()
    assert client.get("/orders/count").json() == 1
"""

ALEMBIC_MIGRATION = """
from lab import note

revision = "{revision}"
down_revision = "{before}"

def upgrade():
    note(event="migrated", revision=revision)
"""

ALEMBIC_TOGETHER = """
from shop import orders

def test_together(connection):
    connection.execute(orders.insert().values(number=1, state="open"))
    meet()
    assert connection.execute(orders.select()).one().number == 1
"""


@pytest.fixture
def server_url(postgresql_url: str) -> Iterator[str]:
    """The URL of a database on a server on which, afterwards, nothing is left."""
    yield postgresql_url
    with closing(connect(parse(postgresql_url))) as server:
        for name in server.databases("shop"):
            server.drop(name, even_if_used=True)


def write(lab: Lab, page: str, together: str, *, modules: int) -> None:
    """Write the files of ``page``, and a test of our own for each of so many workers."""
    found = [*blocks(page, "ini"), *blocks(page, "python")]
    assert found
    for text in found:
        first_line = FILE.match(text)
        assert first_line is not None
        path = lab.path / first_line[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    # In modules of their own, as workers are seldom given two tests of one.
    for number in range(modules):
        lab.module(MEET + together, f"test_together_{number}")


def django_shop(lab: Lab, together: str, *, modules: int) -> None:
    """Write what the page on Django takes for granted, too."""
    write(lab, "docs/howto/django.md", together, modules=modules)
    (lab.path / "requirements.txt").write_text("django\n")
    (lab.path / "shop" / "__init__.py").touch()
    (lab.path / "shop" / "migrations" / "__init__.py").touch()
    (lab.path / "shop" / "migrations" / "0002_counted.py").write_text(DJANGO_MIGRATION)


def run(lab: Lab, *, workers: int, passed: int, plugins: Collection[str] = ()) -> None:
    """Run the suite, in which so many tests must pass, and nothing else may happen."""
    ledger = lab.run("-Werror", *LEAN, workers=workers, plugins=plugins)
    assert ledger.status == 0, ledger.output
    assert re.search(rf"^=+ {passed} passed in ", ledger.output, re.MULTILINE), ledger.output


def check_only_a_template_is_left(url: str) -> None:
    with closing(connect(parse(url))) as server:
        (name,) = server.databases(parse(url).base)
    known = parsed(name)
    assert known is not None
    assert known.is_template


def test_workers_of_django_share_one_migration_and_nothing_else(
    lab: Lab, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does a later run without workers migrate again."""
    monkeypatch.setenv("DATABASE_URL", url := server_url.replace("+psycopg", ""))
    django_shop(lab, DJANGO_TOGETHER, modules=4)
    for workers in (4, 0):
        run(lab, workers=workers, passed=8, plugins=["django"])
    assert [event["event"] for event in lab.events()] == ["migrated"]
    check_only_a_template_is_left(url)
    assert not list(lab.path.glob("test-media*"))


@pytest.mark.runs_examples("docs/howto/django.md", "ini", "python")
def test_workers_of_django_share_nothing_with_sqlite_either(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has a file."""
    monkeypatch.setenv("DATABASE_URL", url := "sqlite:///shop.db")
    django_shop(lab, DJANGO_TOGETHER, modules=2)
    run(lab, workers=2, passed=6, plugins=["django"])
    assert [event["event"] for event in lab.events()] == ["migrated"]
    check_only_a_template_is_left(url)


def test_django_alone_migrates_in_each_worker(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the page says of pytest-django's own databases."""
    monkeypatch.setenv("DATABASE_URL", "sqlite:///shop.db")
    django_shop(lab, "def test_together(db): meet()", modules=2)
    (lab.path / "pytest.ini").write_text("[pytest]\nDJANGO_SETTINGS_MODULE = shop.settings\n")
    (lab.path / "conftest.py").unlink()
    (lab.path / "test_shop.py").unlink()
    run(lab, workers=2, passed=2, plugins=["django"])
    assert [event["event"] for event in lab.events()] == ["migrated"] * 2


@pytest.mark.runs_examples("docs/howto/fastapi-sqlalchemy.md", "ini", "python")
def test_workers_of_fastapi_have_the_same_number_in_open_transactions(
    lab: Lab, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For which they would wait for each other in one database."""
    monkeypatch.setenv("DATABASE_URL", server_url)
    write(lab, "docs/howto/fastapi-sqlalchemy.md", FASTAPI_TOGETHER, modules=4)
    for workers in (4, 0):
        run(lab, workers=workers, passed=8)
    check_only_a_template_is_left(server_url)


@pytest.mark.runs_examples("docs/howto/postgresql-alembic.md", "ini", "python")
def test_workers_of_alembic_share_one_migration_until_another_is_written(
    lab: Lab, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing else."""
    monkeypatch.setenv("DATABASE_URL", server_url)
    write(lab, "docs/howto/postgresql-alembic.md", ALEMBIC_TOGETHER, modules=4)
    versions = lab.path / "migrations" / "versions"
    (versions / "0003.py").write_text(ALEMBIC_MIGRATION.format(revision="0003", before="0002"))
    run(lab, workers=4, passed=9)
    assert [event["revision"] for event in lab.events()] == ["0003"]
    check_only_a_template_is_left(server_url)

    (versions / "0004.py").write_text(ALEMBIC_MIGRATION.format(revision="0004", before="0003"))
    run(lab, workers=0, passed=9)
    assert [event["revision"] for event in lab.events()] == ["0003", "0003", "0004"]
