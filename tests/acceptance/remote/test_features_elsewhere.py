"""Features that act where a worker is, on hosts that are not the controller's."""

from __future__ import annotations

import json

import pytest

from pytest_markersteal.trace.folder import traces
from pytest_markersteal.trace.reader import read

INI = """
[pytest]
markersteal_databases = DATABASE_URL
markersteal_env = DATABASE_URL=sqlite:///{HOME_OF_SHOP}/shop.db
markersteal_ports = 15000-25000
markersteal_clear_caches = shop:price
"""
MAP = """
version = 1

[marks]
"test_*.py::test_cache" = { shared_resource = ["cache"] }
"""
CONFTEST = """
import sqlite3

def pytest_markersteal_prepare_database(url):
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        database.execute("CREATE TABLE orders (name)")
"""
SHOP = """
import functools

@functools.cache
def price(): return object()
"""
FEATURES = """
import socket, sqlite3
import shop

def test_port(free_port):
    with socket.create_server(("127.0.0.1", free_port)):
        note(event="port", port=free_port)

def test_database(worker_database):
    note(event="database", url=worker_database.url)
    # Its like in the other module is then run by the other worker.
    touch(worker_database.name + ".here")
    wait_until(lambda: len(list(HERE.glob("*.here"))) == 2)
    with sqlite3.connect(worker_database.url.removeprefix("sqlite:///")) as database:
        assert database.execute("SELECT * FROM orders").fetchall() == []
        database.execute("INSERT INTO orders VALUES ('one')")

@pytest.mark.parametrize("n", range(2))
def test_cache(n):
    assert not shop.price.cache_info().currsize
    shop.price()

def test_leaves_a_variable():
    os.environ["LEFT_BY_SHOP"] = "yes"
"""


@pytest.fixture(scope="module")
def run(new_lab, new_host, ssh_server):
    """A run with one worker on each of two hosts; its ledger, lab and hosts."""
    lab = new_lab()
    (lab.path / "pytest.ini").write_text(INI)
    (lab.path / "markersteal.toml").write_text(MAP)
    lab.conftest(CONFTEST)
    (lab.path / "shop.py").write_text(SHOP)
    lab.module(FEATURES, "test_one")
    lab.module(FEATURES, "test_two")
    hosts = new_host(), new_host()
    for host in hosts:
        lab.copy_to(host)
    specs = [ssh_server.spec(host, f"env:HOME_OF_SHOP={host.folder}") for host in hosts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME_OF_SHOP", str(lab.path))
        ledger = lab.run("--markersteal-watch", *(f"--tx={spec}" for spec in specs), workers=None)
    return ledger, lab, hosts


def test_all_pass_and_nothing_is_wrong(run):
    """On any of them."""
    ledger, _, _ = run
    ledger.check(status=0)
    assert len(ledger.passed) == 10, ledger.output


def test_the_map_of_a_host_gives_marks(run):
    """And nobody says that its patterns match nothing."""
    ledger, lab, _ = run
    trace = read(traces(lab.path)[-1])
    claims = [
        trace.demand(run.test).claims for run in trace.tests if "cache" in trace.ids[run.test]
    ]
    assert len(claims) == 4
    assert {claim.key for some in claims for claim in some} == {"cache"}
    assert "markersteal.toml" not in ledger.output


def test_databases_are_where_the_url_leads_from_the_host(run):
    """One for each worker, gone at the end; only the template stays."""
    ledger, _, hosts = run
    urls = {event["url"] for event in ledger.of("database")}
    assert len(urls) == 2
    for host in hosts:
        assert any(str(host.folder) in url for url in urls)
        assert not [path for path in host.folder.glob("shop*.db*") if str(path) in str(urls)]


def test_ports_are_given_on_the_host(run):
    """One to each test."""
    ledger, _, _ = run
    assert len({event["port"] for event in ledger.of("port")}) == 2


def test_watching_sees_other_hosts(run):
    """And what a test leaves changed there."""
    ledger, lab, _ = run
    found = json.loads((lab.path / ".markersteal" / "runs" / "watch.json").read_text())
    assert "LEFT_BY_SHOP" in json.dumps(found)
    assert "not watched" not in ledger.output
