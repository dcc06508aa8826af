"""Workers that ``--tx`` names: what is asked of xdist's options, and of interpreters elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import execnet
import pytest

import pytest_markersteal
from pytest_markersteal.distribution import probe, tx
from pytest_markersteal.distribution.installed import Installed, problem
from pytest_markersteal.distribution.protocol import Timing
from pytest_markersteal.distribution.specs import check_specs
from pytest_markersteal.distribution.timings import Timings
from pytest_markersteal.distribution.worker import folder_here
from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.durations.machines import HERE

VERSION = pytest_markersteal.__version__
ALL = {"pytest-markersteal": VERSION, "pytest": "9", "pytest-xdist": "3", "msgpack": "1"}


def config_with(*args: str, **options: Any) -> pytest.Config:
    given = {"maxworkerrestart": None, "numprocesses": None, "tx": [], "px": [], "rsyncdir": []}
    return cast(
        "pytest.Config",
        SimpleNamespace(
            option=SimpleNamespace(**{**given, **options}),
            invocation_params=SimpleNamespace(args=args),
            getini=lambda name: [],
            rootpath=Path("/srv/shop"),
        ),
    )


def gateway(spec: str) -> execnet.Gateway:
    return cast("execnet.Gateway", SimpleNamespace(id="gw1", spec=execnet.XSpec(spec)))


def test_restarts_have_an_end() -> None:
    """Four for each worker, unless the user or ``-n`` says how many."""
    config = config_with(tx=["3*popen", "ssh=build1"])
    tx.complete_options(config)
    assert config.option.maxworkerrestart == "16"
    for options in ({"maxworkerrestart": "0"}, {"numprocesses": 2}):
        config = config_with(**options)
        tx.complete_options(config)
        assert config.option.maxworkerrestart == options.get("maxworkerrestart")


def test_proxies_can_do_several_things_at_once() -> None:
    """Unless they are told otherwise."""
    config = config_with(px=["id=a//popen", "id=b//popen//execmodel=gevent"])
    tx.complete_options(config)
    assert config.option.px == ["id=a//popen//execmodel=thread", "id=b//popen//execmodel=gevent"]


@pytest.mark.parametrize(
    ("tx_specs", "message"),
    [
        (["popn"], r"--tx 'popn' does not say what to start; write one of popen, ssh=HOST, "),
        (["x*popen"], r"--tx 'x\*popen' does not say what to start"),
        (["2*socket="], r"--tx 'socket=' has no address; write socket=HOST:PORT"),
        (["socket"], r"--tx 'socket' has no address"),
        (["socket=build1"], r"--tx 'socket=build1' has no address; write socket=HOST:PORT"),
        (["ssh="], r"--tx 'ssh=' has no address; write ssh=HOST"),
        (["popen//popen"], r"--tx 'popen//popen' is no worker: duplicate key: 'popen'"),
        (["popen//"], r"--tx 'popen//' is no worker: it has an empty part"),
        (["popen//id="], r"--tx 'popen//id=' has an id without a name"),
        (
            ["popen//id=gw1", "2*popen"],
            r"--tx popen//id=gw1 and --tx popen would both be called 'gw1'; give one of them",
        ),
        (["2*popen//id=a"], r"--tx popen//id=a and --tx popen//id=a would both be called 'a'"),
    ],
)
def test_specs_that_can_not_be_workers_are_told(tx_specs: list[str], message: str) -> None:
    """Before anything is started, with the spec and what to write instead."""
    with pytest.raises(pytest.UsageError, match=message):
        check_specs(config_with(tx=tx_specs).option)


def test_proxies_have_names_as_workers_do() -> None:
    """And addresses."""
    with pytest.raises(pytest.UsageError, match=r"--px id=a//popen and --tx popen//id=a would"):
        check_specs(config_with(px=["id=a//popen"], tx=["popen//id=a"]).option)
    with pytest.raises(pytest.UsageError, match=r"--px 'id=a//ssh' has no address"):
        check_specs(config_with(px=["id=a//ssh"], tx=["popen"]).option)


def test_specs_that_can_be_workers_are_let_through() -> None:
    """What comes with them, too."""
    specs = ["3*popen", "popen//id=a//python=py", "ssh=-p 22 build1//chdir=/srv", "vagrant_ssh=box"]
    specs += ["socket=build1:8888", "socket=build1:1//installvia=a", "popen//via=jump//env:A=b"]
    check_specs(config_with(px=["id=jump//ssh=build1"], tx=specs).option)


def test_paths_of_this_host_are_refused_where_workers_are_elsewhere(tmp_path: Path) -> None:
    """Unless they are whole and in a folder that is sent."""
    path = tmp_path / "tests"
    path.mkdir()
    test = f"{path}::test_pay"
    elsewhere = [execnet.XSpec("popen"), execnet.XSpec("ssh=build1")]
    with pytest.raises(pytest.UsageError, match=r"tests::test_pay: which path is this on other"):
        tx.check_arguments(config_with("-v", test), elsewhere)
    tx.check_arguments(config_with("-v", test), [execnet.XSpec("popen")])
    tx.check_arguments(config_with("-v", "not/there"), elsewhere)
    tx.check_arguments(config_with(test, rsyncdir=[str(tmp_path)]), elsewhere)


def test_a_worker_is_named_with_where_it_is() -> None:
    """Without what says nothing about that."""
    spec = "ssh=build1//ssh_config=own//env:A=b//python=/opt/python//chdir=/srv//via=jump"
    assert tx.named(gateway(spec)) == "gw1 (ssh=build1//via=jump//python=/opt/python//chdir=/srv)"
    assert tx.named(gateway("popen")) == "gw1 (popen)"


@pytest.mark.parametrize(
    ("spec", "machine"),
    [
        ("popen//python=/opt/python", HERE),
        ("popen//via=jump", "jump"),
        ("ssh=build1//via=jump", "build1"),
        ("socket=build2:8888", "build2:8888"),
    ],
)
def test_a_machine_is_called_what_the_user_calls_it(spec: str, machine: str) -> None:
    """Processes of this one have no name."""
    assert tx.machine_of(execnet.XSpec(spec)) == machine


def test_timings_know_on_which_machine_tests_and_fixtures_were_last() -> None:
    """Those of this one are the rule, and not listed."""
    fixture = ["module", "test_a.py", "db", 0.5, 0, 1]
    timing = Timing(1.0, 0.1, 0.8, 0.1, 0.5, True, [fixture], 0.0, 1, 0, [], [])
    timings = Timings(3)
    timings.add(0, timing)
    assert not timings.machines_of_fixtures
    timings.add(1, timing, "build1")
    assert timings.machines == {1: "build1"}
    assert timings.machines_of_fixtures == {Fixture("module", "test_a.py", "db"): "build1"}
    timings.add(2, timing)
    assert not timings.machines_of_fixtures


def test_the_last_exception_of_a_worker_is_told() -> None:
    """All lines of it; and nothing where the connection ended without a word."""
    said = "Traceback (most recent call last):\n" + (
        '  File "a.py", line 1, in <module>\n    f()\n'
        '  File "b.py", line 2, in f\n    g()\n    ^^^\nUsageError: no such thing\n  inifile: c\n'
    )
    told = tx.why_not_ready(gateway("ssh=build1"), execnet.RemoteError(said))
    expected = "worker gw1 (ssh=build1) can't start: UsageError: no such thing\n  inifile: c"
    assert told == expected
    assert tx.why_not_ready(gateway("ssh=build1"), "Not properly terminated") is None


def test_who_has_all_has_no_problem() -> None:
    """Nor has another version of Python, with a path of its own, nor a plugin without metadata."""
    assert problem(Installed("python", (3, 99, 0), ALL), shares_path=False) is None
    sent = Installed("python", (3, 11, 0), {**ALL, "pytest-markersteal": ""})
    assert problem(sent, shares_path=False) is None
    assert problem(Installed("python", sys.version_info[:3], ALL), shares_path=True) is None


def test_what_is_missing_is_installed_there() -> None:
    """Or, for who imports from this process's path, made to be where it is here."""
    found = Installed("/opt/python", sys.version_info[:3], {**ALL, "pytest-markersteal": "0.0.1"})
    assert problem(found, shares_path=False) == (
        f"/opt/python has pytest-markersteal 0.0.1, here it is {VERSION}; "
        f"run there: /opt/python -m pip install pytest-markersteal=={VERSION}"
    )
    none = problem(Installed("/opt/python", sys.version_info[:3], {}), shares_path=True)
    assert none is not None
    assert "has no pytest-markersteal and no pytest and no pytest-xdist and no msgpack" in none
    assert "pip install" not in none
    other = problem(Installed("/opt/python", (3, 99, 0), ALL), shares_path=True)
    assert other is not None
    assert "/opt/python is Python 3.99" in other
    old = problem(Installed("/opt/python", (3, 9, 18), ALL), shares_path=False)
    assert old == "/opt/python is Python 3.9; name one from 3.10 on with python="


def test_the_probe_finds_packages_and_their_versions(tmp_path: Path) -> None:
    """On the path that it is given, without importing them."""
    (tmp_path / "shop.py").write_text("raise AssertionError")
    (tmp_path / "bank.py").write_text("raise AssertionError")
    metadata = tmp_path / "the_shop-1.5.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: the-shop\nVersion: 1.5\n")
    asked = {"the-shop": "shop", "the-bank": "bank", "the-gone": "gone"}
    assert probe.packages(asked, [str(tmp_path)]) == {"the-shop": "1.5", "the-bank": ""}


def test_a_temporary_folder_of_another_machine_is_not_taken(tmp_path: Path) -> None:
    """pytest would make it, but not what it is in."""
    assert folder_here(str(tmp_path / "popen-gw0")) == str(tmp_path / "popen-gw0")
    assert folder_here(str(tmp_path / "pytest-7" / "popen-gw0")) is None
    assert folder_here(None) is None
