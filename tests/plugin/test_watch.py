"""``--markersteal-watch``: what tests share, and what they leave, in real runs."""

from __future__ import annotations

import os

import pytest

from pytest_markersteal.races.watch import findings

WATCH = "--markersteal-watch"

MODES = [("-n2", "--dist=markersteal"), ("-n2", "--dist=load"), ("-n2", "--dist=worksteal")]

MEETING = """
    import witness

    def test_{name}(tmp_path):
        (tmp_path / "own.txt").write_text("own")
        with open("state.json", "{mode}"):
            witness.meet("both have it open", 2)

    def test_{name}_more(): witness.linger()
    def test_{name}_after(): pass
    """


@pytest.fixture
def watched(pytester):
    """What the last run in the test's folder found."""
    path = pytester.path / ".markersteal" / "runs" / findings.FILE
    return lambda: findings.read(path)


def found(watched):
    """Kind, kind of thing, thing and tests of each finding that is not doubtful."""
    return [
        (one.kind, one.thing_kind, one.thing, [test.rpartition("::")[2] for test in one.tests])
        for one in watched.findings
        if not one.is_doubtful
    ]


@pytest.mark.parametrize("mode", MODES)
def test_two_tests_with_one_file_at_the_same_time(pytester, run_pytest, witness, watched, mode):
    """Under any scheduler: told at once, in a table at the end with the mark, and in the file."""
    (pytester.path / "state.json").write_text("{}")
    pytester.makepyfile(
        test_a=MEETING.format(name="a", mode="a"), test_b=MEETING.format(name="b", mode="r")
    )
    result = run_pytest(*mode, WATCH)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "markersteal watch: file state.json is used by two tests at the same time: *",
            "*- markersteal watch -*",
            "conflict: file state.json: used at the same time, and changed",
            '*-> mark these tests @pytest.mark.shared_resource("state.json")*',
            "all of it: .markersteal/runs/watch.json",
        ]
    )
    (finding,) = watched().of_kind(findings.CONFLICT)
    assert finding.mark == "shared_resource:state.json"
    assert finding.readers == {"test_b.py::test_b"}
    one, other = finding.uses
    assert {one.worker, other.worker} == {"gw0", "gw1"}
    assert {one.slot, other.slot} == {0, 1}
    assert max(one.since_s, other.since_s) < min(one.until_s, other.until_s)
    assert {(one.how, one.phase), (other.how, other.phase)} == {
        ("written", "call"),
        ("read", "call"),
    }
    assert [(one[:3], set(one[3])) for one in found(watched())] == [
        (("conflict", "file", "state.json"), {"test_a", "test_b"})
    ]


def test_with_the_mark_the_conflict_is_gone(pytester, run_markersteal, run_pytest, watched):
    """What is proposed helps, and is not proposed again, but where nobody heeds it."""
    pytester.makepyfile(
        *[
            """
        import pytest, time

        @pytest.mark.shared_resource("state.json")
        @pytest.mark.parametrize("number", range(2))
        def test_it(number):
            with open("state.json", "a"):
                time.sleep(0.02)
        """
        ],
        test_b="def test_other(): pass",
    )
    result = run_markersteal(WATCH, n=2)
    (finding,) = watched().findings
    assert (finding.kind, finding.is_kept_apart) == ("latent", True)
    assert finding.holders == finding.tests
    result.stdout.fnmatch_lines(["kept apart by marks already: file state.json"])
    result.stdout.no_fnmatch_line("*mark these tests*")
    for args in (["-n0"], ["-n2", "--dist=load"]):
        run_pytest(*args, WATCH)
        (finding,) = watched().findings
        assert finding.is_kept_apart is (args == ["-n0"])


INNOCENT = """
    import asyncio, contextlib, functools, json, logging, os, random, socket, sqlite3, subprocess
    import sys, tempfile, threading, time
    from concurrent.futures import ThreadPoolExecutor
    from pathlib import Path

    import pytest

    import shop

    HERE = Path(__file__).parent

    @pytest.fixture(scope="session")
    def table(tmp_path_factory):
        path = tmp_path_factory.mktemp("data") / "table.json"
        path.write_text('{"a": 1}')
        return path

    @pytest.fixture(scope="module")
    def pool():
        with ThreadPoolExecutor(2) as pool:
            yield pool

    @pytest.fixture(scope="module")
    def mode():
        os.environ["SHOP_MODE"] = "fast"
        shop.MODE = "fast"
        yield
        del os.environ["SHOP_MODE"]
        shop.MODE = None

    @pytest.fixture(scope="module")
    def folder():
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)

    pytestmark = pytest.mark.parametrize("number", range(3))

    def test_temporary(number, tmp_path, table, folder):
        (tmp_path / "out.txt").write_text(table.read_text())
        (folder / "shared.txt").write_text("each worker has its own")
        with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryFile() as other:
            file.write(b"x")
        assert os.listdir(folder) == ["shared.txt"]

    def test_reading(number):
        assert (HERE / "rates.txt").read_text() == "1.0"
        assert "rates.txt" in os.listdir(HERE)

    def test_environment(number, mode, monkeypatch, tmp_path):
        monkeypatch.setenv("SHOP_CURRENCY", "USD")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(shop, "RATE", 2.0)
        monkeypatch.setitem(shop.REGISTRY, "two", 2)
        monkeypatch.syspath_prepend(tmp_path)

    def test_caches(number):
        assert shop.squared(number) == number ** 2
        assert shop.connection() is shop.connection()

    def test_ports(number):
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            port = server.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port)):
                pass
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                server.bind(("127.0.0.1", port))

    def test_given_ports(number, free_port):
        with socket.socket() as server:
            server.bind(("127.0.0.1", free_port))

    def test_databases(number, tmp_path, worker_id):
        with contextlib.closing(sqlite3.connect(":memory:")) as memory:
            memory.execute("create table t (x)")
        path = Path(tempfile.gettempdir(), f"shop-{worker_id}.db")
        with contextlib.closing(sqlite3.connect(path)) as own, own:
            own.execute("create table if not exists t (x)")
        path.unlink(missing_ok=True)

    def test_threads(number, pool):
        thread = threading.Thread(target=time.sleep, args=(0,))
        thread.start()
        thread.join()
        assert pool.submit(pow, 2, number).result() == 2 ** number

    def test_the_rest(number, caplog):
        asyncio.run(asyncio.sleep(0))
        random.shuffle(list(range(100)))
        caplog.set_level(logging.DEBUG, "shop")
        subprocess.run([sys.executable, "-c", ""], check=True)

    class TestOld:
        @classmethod
        def setup_class(cls): os.environ["SHOP_OLD"] = "1"
        @classmethod
        def teardown_class(cls): del os.environ["SHOP_OLD"]
        def test_old(self, number): pass

    def test_locked(number, tmp_path_factory, worker_id):
        root = tmp_path_factory.getbasetemp().parent
        lock, data = root / "data.json.lock", root / "data.json"
        while True:
            try:
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
                break
            except FileExistsError:
                time.sleep(0.001)
        data.write_text("{}")
        lock.unlink()
    """

SHOP = """
    import functools
    MODE, RATE, _connection, REGISTRY = None, 1.0, None, {"one": 1}

    @functools.cache
    def squared(number): return number ** 2

    def connection():
        global _connection
        if _connection is None:
            _connection = object()
        return _connection
    """


@pytest.mark.parametrize("mode", [*MODES[:2], ("-n0",), ()])
def test_innocent_tests_are_not_accused(pytester, run_pytest, watched, mode):
    """What a naive look would take for sharing or for a leak."""
    if not mode:
        pytester.makeconftest("import pytest\n@pytest.fixture\ndef worker_id(): return 'master'")
        mode = ("-pno:xdist",)
    pytester.makepyfile(test_a=INNOCENT, test_b=INNOCENT, shop=SHOP)
    (pytester.path / "rates.txt").write_text("1.0")
    result = run_pytest(*mode, WATCH)
    result.assert_outcomes(passed=66)
    expected = {"shop-master.db", "data.json"} if "-n2" not in mode else set()
    assert {one[2].rpartition("/")[2] for one in found(watched())} <= expected
    assert watched().trouble == ()


LEAVING = """
    import asyncio, functools, locale, logging, os, random, signal, sys, threading, time, types

    import pytest

    import shop

    def test_variable(): os.environ["SHOP_CURRENCY"] = "USD"
    def test_folder(tmp_path): os.chdir(tmp_path)
    def test_path(): sys.path.append("/nowhere")
    def test_module(): sys.modules["shop_fake"] = types.ModuleType("shop_fake")
    def test_patch(): shop.send = lambda: None
    def test_standard_library(): shop.time.sleep = lambda _: None
    def test_singleton(): shop.settings.currency = "USD"
    def test_registry(): shop.REGISTRY["x"] = 1
    def test_handler(): logging.getLogger("shop").addHandler(logging.StreamHandler())
    def test_signal(): signal.signal(signal.SIGTERM, signal.SIG_IGN)
    def test_seed(): random.seed(7)
    def test_thread(): threading.Thread(target=shop.END.wait, daemon=True, name="worker").start()
    def test_loop(): shop.LOOPS.append(asyncio.new_event_loop())
    class Policy(asyncio.DefaultEventLoopPolicy): pass
    def test_policy(): asyncio.set_event_loop_policy(Policy())

    def test_cache(monkeypatch):
        monkeypatch.setattr(shop, "RATE", 2.0)
        assert shop.rate() == 2.0

    @pytest.fixture(scope="module")
    def forgetful():
        os.environ["SHOP_FORGOTTEN"] = "1"

    def test_fixture(forgetful): pass

    @pytest.fixture(scope="class")
    def careless():
        os.environ["SHOP_CARELESS"] = "1"

    def test_without_a_class(careless): pass
    def test_after(): pass
    """

LEFT = {
    ("variable", "SHOP_CURRENCY"): "test_variable",
    ("interpreter", "working directory"): "test_folder",
    ("interpreter", "sys.path"): "test_path",
    ("sys.modules", "shop_fake"): "test_module",
    ("attribute", "shop.send"): "test_patch",
    ("attribute", "time.sleep"): "test_standard_library",
    ("attribute", "shop.settings.currency"): "test_singleton",
    ("contents", "shop.REGISTRY"): "test_registry",
    ("logging handlers", "shop"): "test_handler",
    ("interpreter", "handler of SIGTERM"): "test_signal",
    ("interpreter", "random seed"): "test_seed",
    ("thread", "worker"): "test_thread",
    ("contents", "shop.LOOPS"): "test_loop",
    ("interpreter", "event loop policy"): "test_policy",
    ("cache", "shop.rate"): "test_cache",
    ("variable", "SHOP_FORGOTTEN"): "test_fixture",
    ("variable", "SHOP_CARELESS"): "test_without_a_class",
}


def test_what_tests_leave_is_told_with_its_cure(pytester, run_pytest, watched):
    """Each leak is its test's, and that of a fixture the fixture's."""
    pytester.makepyfile(
        test_leaving=LEAVING,
        shop="""
        import functools, threading, time
        RATE, REGISTRY, LOOPS, END = 1.0, {}, [], threading.Event()
        def send(): pass
        class Settings:
            currency = "EUR"
            def __init__(self): self.currency = "EUR"
        settings = Settings()
        @functools.cache
        def rate(): return RATE
        """,
    )
    result = run_pytest(WATCH)
    result.assert_outcomes(passed=len(LEFT) + 1)
    leaks = {(one.thing_kind, one.thing): one for one in watched().findings if not one.is_doubtful}
    loops = [kind for kind, _ in leaks if kind == "event loop"]
    assert loops == ["event loop"]
    told = {key: one.tests for key, one in leaks.items() if key[0] != "event loop"}
    assert told == {key: (f"test_leaving.py::{test}",) for key, test in LEFT.items()}
    assert leaks["variable", "SHOP_FORGOTTEN"].remnants[0].fixture == "module fixture forgetful"
    assert leaks["variable", "SHOP_CARELESS"].remnants[0].fixture is None
    result.stdout.fnmatch_lines(
        ["leak: variable SHOP_CURRENCY: left changed", "  -> set it with monkeypatch.setenv*"]
    )


def test_what_a_worker_sent_before_it_crashed_remains(pytester, run_markersteal, watched):
    """Its replacement is watched too."""
    pytester.makepyfile(
        """
        import os, pytest

        @pytest.mark.serial
        @pytest.mark.parametrize("number", range(3))
        def test_it(number):
            open("state.json", "a").close()
            if number == 1:
                os._exit(1)
        """
    )
    run_markersteal(WATCH, n=1).assert_outcomes(passed=2, failed=1)
    assert found(watched()) == [("latent", "file", "state.json", ["test_it[0]", "test_it[2]"])]


def test_a_worker_that_sends_anything_else_is_named(pytester, run_markersteal, watched):
    """And no test fails by it."""
    pytester.makeconftest(
        """
        def pytest_collection_finish(session):
            given = getattr(session.config, "workerinput", {})
            if given.get("workerid") == "gw0":
                given["markersteal_watch"].send(b"what is this")
        """
    )
    pytester.makepyfile(
        "import pytest\n@pytest.mark.parametrize('n', range(4))\ndef test_it(n): pass"
    )
    result = run_markersteal(WATCH, n=2)
    assert result.ret == pytest.ExitCode.OK
    (trouble,) = watched().trouble
    assert trouble.startswith("not watched from then on: gw0, which sent what is no footprint")
    result.stdout.fnmatch_lines(["warning: not watched from then on: gw0*"])


@pytest.mark.parametrize(("quiet", "lines"), [("-q", 1), ("-qq", 0)])
def test_quiet_runs(pytester, run_pytest, quiet, lines):
    """With -q the table alone, with -qq nothing."""
    pytester.makepyfile("def test_a(): open('x', 'a')\ndef test_b(): open('x', 'a')")
    text = run_pytest(WATCH, quiet).stdout.str()
    assert text.count("latent: file x") == lines
    assert text.count("markersteal watch") == lines


@pytest.mark.parametrize("arguments", [("--collect-only",), ("-k", "zebra"), ()])
def test_where_there_is_nothing_to_watch(pytester, run_pytest, arguments):
    """No section, and no file."""
    pytester.makepyfile("def test_it(): pass" if arguments else "")
    result = run_pytest(WATCH, *arguments)
    assert "markersteal watch" not in result.stdout.str()
    assert not os.path.exists(pytester.path / ".markersteal" / "runs" / findings.FILE)


def test_findings_that_can_not_be_written_fail_nothing(pytester, run_pytest):
    """The table says why there is no file."""
    pytester.makepyfile("def test_it(): pass")
    pytester.mkdir(".markersteal").joinpath("runs").write_text("not a folder")
    result = run_pytest(WATCH)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["warning: no findings were written: *"])
