"""Workers that can't run: before any test, it is said which they are, why, and what to do where."""

from __future__ import annotations

import importlib.metadata
import itertools
import shutil
from pathlib import Path

import pytest
from remote_hosts import needs_proxies, socket_server

import pytest_markersteal

VERSION = pytest_markersteal.__version__


def errors(ledger):
    """What the run, which ended before any test, said was wrong."""
    assert ledger.status == pytest.ExitCode.USAGE_ERROR, ledger.output
    assert not ledger.started
    assert "Traceback" not in ledger.output
    # Before or behind all else, as Python buffers what it writes.
    _, _, told = f"\n{ledger.output}".rpartition("\nERROR: ")
    return list(itertools.takewhile(str.strip, told.splitlines()))


def copy_plugin(host, version):
    """Install this plugin, and nothing that it requires, and call it another ``version``."""
    shutil.copytree(
        Path(pytest_markersteal.__file__).parent,
        host.packages / "pytest_markersteal",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    metadata = host.packages / f"pytest_markersteal-{version}.dist-info"
    metadata.mkdir()
    here = importlib.metadata.distribution("pytest-markersteal")
    for name in ("METADATA", "entry_points.txt"):
        text = here.read_text(name) or ""
        (metadata / name).write_text(text.replace(f"\nVersion: {VERSION}", f"\nVersion: {version}"))


def test_each_host_is_told_what_it_lacks(lab, new_host, ssh_server):
    """Nothing at all; this plugin; this version of it; what it requires."""
    hosts = [new_host("pip"), new_host("pytest-xdist"), new_host("pytest-xdist", "msgpack")]
    copy_plugin(hosts[2], "0.0.9")
    hosts.append(new_host("pytest-xdist"))
    copy_plugin(hosts[3], VERSION)
    lab.module("def test_plain(): pass")
    specs = [ssh_server.spec(host, name=f"build{n}") for n, host in enumerate(hosts)]
    told = errors(lab.run(*(f"--tx={spec}" for spec in specs), workers=None))
    whys = [
        "has no pytest-markersteal and no pytest-xdist and no msgpack",
        "has no pytest-markersteal and no msgpack",
        f"has pytest-markersteal 0.0.9, here it is {VERSION}",
        "has no msgpack",
    ]
    assert told == [
        f"worker gw{n} (ssh=build{n}//{host.where()}): {host.python} {why}; "
        f"run there: {host.python} -m pip install pytest-markersteal=={VERSION}"
        for n, (host, why) in enumerate(zip(hosts, whys, strict=True))
    ]


@pytest.fixture
def unfit(lab, new_host):
    """Two hosts that can't run the lab's suite, and why: no plugin, and another version of it."""
    without, older = new_host("pytest-xdist"), new_host("pytest-xdist", "msgpack")
    copy_plugin(older, "0.0.9")
    lab.module("def test_plain(): pass")
    return [
        (without, "has no pytest-markersteal and no msgpack"),
        (older, f"has pytest-markersteal 0.0.9, here it is {VERSION}"),
    ]


def test_hosts_with_socket_servers_are_told_what_they_lack(lab, unfit):
    """Which environment that is, nobody else knows: the spec does not say it."""
    (without, why), (older, why_older) = unfit
    with socket_server(without) as first, socket_server(older) as second:
        told = errors(lab.run(f"--tx={first.spec}", f"--tx={second.spec}", workers=None))
    mend = f"-m pip install pytest-markersteal=={VERSION}"
    assert told == [
        f"worker gw0 ({first.spec}): {without.python} {why}; run there: {without.python} {mend}",
        f"worker gw1 ({second.spec}): {older.python} {why_older}; run there: {older.python} {mend}",
    ]


@needs_proxies
def test_hosts_behind_a_proxy_are_told_what_they_lack(lab, unfit, new_host, ssh_server):
    """The proxy itself needs no plugin, and nobody is told to install one there."""
    with socket_server(new_host("pytest-xdist")) as proxy:
        specs = [ssh_server.spec(host, "via=px", name="inner") for host, _ in unfit]
        told = errors(
            lab.run(f"--px=id=px//{proxy.spec}", *(f"--tx={spec}" for spec in specs), workers=None)
        )
    assert told == [
        f"worker gw{n} (ssh=inner//via=px//{host.where()}): {host.python} {why}; "
        f"run there: {host.python} -m pip install pytest-markersteal=={VERSION}"
        for n, (host, why) in enumerate(unfit)
    ]


@needs_proxies
def test_a_process_beside_a_proxy_of_another_version_of_python_is_refused(
    lab, new_host, other_python
):
    """To install something there would not help: it imports from this machine's folders."""
    host = new_host(interpreter=str(other_python))
    lab.module("def test_plain(): pass")
    with socket_server(host) as proxy:
        (error,) = errors(lab.run(f"--px=id=px//{proxy.spec}", "--tx=popen//via=px", workers=None))
    assert error.startswith(f"worker gw0 (popen//via=px): {host.python} is Python ")
    assert "reach it with ssh= or socket=" in error
    assert "pip install" not in error


def test_a_plugin_that_is_not_loaded_is_told(lab, new_host, ssh_server):
    """As where the ini file of a host turns it off; nobody tries again."""
    host = new_host()
    lab.module("def test_plain(): pass")
    lab.copy_to(host)
    (host.folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:markersteal\n")
    first, *more = errors(lab.run(f"--tx={ssh_server.spec(host)}", workers=None))
    assert first.startswith(f"worker gw0 (ssh=server//{host.where()}) can't start: ")
    assert "invalid choice: 'markersteal'" in more[0]


def test_a_conftest_that_is_broken_there_is_told(lab, new_host, ssh_server):
    """Its error is the last line of what the worker said."""
    host = new_host()
    lab.module("def test_plain(): pass")
    lab.copy_to(host)
    (host.folder / "conftest.py").write_text("import of_that_host")
    (error,) = errors(lab.run(f"--tx={ssh_server.spec(host)}", workers=None))
    assert "can't start: " in error
    assert "No module named 'of_that_host'" in error


def test_another_version_of_python_as_a_popen_worker_is_refused(lab, other_python):
    """xdist would have it import the standard library of the controller's."""
    lab.module("def test_plain(): pass")
    (error,) = errors(lab.run(f"--tx=popen//python={other_python}", workers=None))
    assert error.startswith(f"worker gw0 (popen//python={other_python}): ")
    assert "reach it with ssh= or socket=" in error


def test_a_path_that_other_hosts_do_not_know_is_refused(lab, new_host, ssh_server):
    """xdist names what it sends itself, and nothing else."""
    host = new_host()
    lab.module("def test_plain(): pass")
    path = lab.path / "test_inner.py"
    (error,) = errors(lab.run(f"--tx={ssh_server.spec(host)}", path.name, workers=None))
    assert error.startswith("test_inner.py: which path is this on other hosts?")
    assert error.endswith(f"--rsyncdir={lab.path} {path}")
