"""``--markersteal-shard``: the shards of a suite are the suite, whoever collects, and however."""

from __future__ import annotations

import re

import pytest

from pytest_markersteal.durations.history import History, Selection, Startup, Times
from pytest_markersteal.durations.learning import Measured, learn
from pytest_markersteal.durations.merging import merge
from pytest_markersteal.durations.store import FILE, Store, read

SUITE = """
    import pytest, witness

    @pytest.mark.parametrize("number", range(20))
    def test_it(request, number): witness.tell(request.node.name)

    @pytest.mark.parametrize("number", range(6))
    @pytest.mark.shared_resource("db")
    def test_keyed(request, number): witness.tell(request.node.name)

    @pytest.mark.parametrize("number", range(4))
    @pytest.mark.no_parallel
    def test_alone(request, number): witness.tell(request.node.name)

    @pytest.mark.parametrize("number", range(3))
    @pytest.mark.xdist_group("group")
    def test_grouped(request, number): witness.tell(request.node.name)
"""
NAMES = [
    *(f"test_it[{n}]" for n in range(20)),
    *(f"test_keyed[{n}]" for n in range(6)),
    *(f"test_alone[{n}]" for n in range(4)),
    *(f"test_grouped[{n}]" for n in range(3)),
]
IDS = [f"test_it.py::{name}" for name in NAMES]
LINE = re.compile(
    r"markersteal: shard (\d) of (\d): (\d+) of (\d+) tests(.*) \(split ([0-9a-f]{8})\)"
)


@pytest.fixture
def suite(pytester, witness):
    pytester.makeini("[pytest]")
    pytester.makepyfile(test_it=SUITE)
    return witness


@pytest.fixture
def remember(pytester):
    """Write a durations file: seconds by node id."""

    def write(seconds, startups=None):
        tests = {node_id: Times(0.0, wall, 0.0, wall) for node_id, wall in seconds.items()}
        measured = Measured(tests, startups=startups or {})
        assert Store(pytester.path).save(learn(History(), measured))

    return write


def told(result):
    """What the one line about the shard says: its number and so on."""
    found = [match for line in result.outlines if (match := LINE.fullmatch(line))]
    assert len(found) == 1, str(result.stdout)
    return found[0].groups()


RUNS = {
    "one process": ("-n0",),
    "without xdist": ("-pno:xdist",),
    "markersteal": ("-n2", "--dist=markersteal"),
    "worksteal": ("-n2", "--dist=worksteal"),
    "loadgroup": ("-n2", "--dist=loadgroup"),
}


@pytest.mark.parametrize("args", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
def test_all_shards_are_the_suite(suite, run_pytest, remember, args, known):
    """Each test is in one shard, one after another in one folder, under any mode."""
    if known:
        remember({node_id: 0.1 + number % 7 for number, node_id in enumerate(IDS)})
    found = []
    splits = set()
    for number in (1, 2, 3):
        result = run_pytest(*args, f"--markersteal-shard={number}/3")
        assert result.ret == pytest.ExitCode.OK
        names = suite.names()
        suite.clear()
        result.assert_outcomes(
            passed=len(names), deselected=result.parseoutcomes().get("deselected", 0)
        )
        shard, of, own, total, predicted, fingerprint = told(result)
        assert (shard, of, int(own), int(total)) == (str(number), "3", len(names), len(IDS))
        assert predicted.startswith(", predicted " if known else ", by number")
        splits.add(fingerprint)
        found.append(set(names))
    assert sorted(name for names in found for name in names) == sorted(NAMES)
    assert len(splits) == 1
    for whole in ("test_keyed", "test_grouped"):
        assert sum(any(name.startswith(whole) for name in names) for names in found) == 1
    alone = [sum(name.startswith("test_alone") for name in names) for names in found]
    assert max(alone) < sum(alone) == 4


def test_every_mode_makes_the_same_split(suite, run_pytest, remember):
    """A shard that failed in CI is the same one on a laptop, with any number of workers."""
    remember({node_id: 0.1 + number % 7 for number, node_id in enumerate(IDS)})
    results = [
        run_pytest(*args, "--markersteal-shard=2/3")
        for args in [*RUNS.values(), ("-n3", "--dist=markersteal"), ("-n1",)]
    ]
    assert len({told(result) for result in results}) == 1


def test_hash_seeds_and_orders_change_nothing(pytester, run_markersteal, suite, monkeypatch):
    """Workers that collect in different orders, in jobs with different hash seeds, agree."""
    pytester.makepyfile(
        test_it="""
        import pytest, witness

        @pytest.mark.parametrize("name", {f"n{number}" for number in range(30)})
        def test_it(name): witness.tell(name)
        """
    )
    names = []
    for number in (1, 2, 3):
        monkeypatch.setenv("PYTHONHASHSEED", str(number))
        result = run_markersteal(f"--markersteal-shard={number}/3")
        assert result.ret == pytest.ExitCode.OK
        names += suite.names()
        suite.clear()
    assert sorted(names) == sorted(f"n{number}" for number in range(30))


def test_within_a_shard_the_order_is_that_of_collection(suite, run_pytest):
    """Tests are left out; nothing is moved."""
    run_pytest("-n0", "--markersteal-shard=1/2")
    names = suite.names()
    assert names == [name for name in NAMES if name in names]


def test_shards_are_equally_long(suite, run_pytest, remember):
    """By predicted time, which is told."""
    remember({node_id: 1.0 + 20 * (node_id == IDS[0]) for node_id in IDS})
    _, _, own, _, predicted, _ = told(run_pytest("-n0", "--markersteal-shard=1/2"))
    # 20 s are remembered as 22 s: durations are kept in steps of a fifth.
    assert predicted in (", predicted 28 s of 55 s", ", predicted 27 s of 55 s")
    assert int(own) in (6, 7, 26, 27)


def test_new_tests_are_in_one_shard(suite, run_pytest, remember):
    """Also where most are known."""
    remember(dict.fromkeys(IDS[5:], 1.0))
    names = []
    for number in (1, 2):
        run_pytest("-n0", f"--markersteal-shard={number}/2")
        names += suite.names()
        suite.clear()
    assert sorted(names) == sorted(NAMES)


def test_what_other_plugins_do_last_comes_first_too(pytester, run_pytest):
    """Whatever a conftest marks, and what --lf leaves."""
    pytester.mkdir("nested")
    pytester.path.joinpath("nested", "conftest.py").write_text(
        "import pytest\n"
        "@pytest.hookimpl(trylast=True)\n"
        "def pytest_collection_modifyitems(items):\n"
        "    for item in items:\n"
        "        if item.name.startswith('test_keyed'):\n"
        "            item.add_marker(pytest.mark.shared_resource('db'))\n"
    )
    pytester.path.joinpath("nested", "test_it.py").write_text(
        "import pytest\n"
        "class TestIt:\n"
        "    @pytest.mark.parametrize('number', range(8))\n"
        "    def test_keyed(self, number): assert number != 7\n"
        "@pytest.mark.parametrize('number', range(4))\n"
        "def test_other(number): pass\n"
    )

    def ran(*options):
        found = [
            run_pytest("-p", "cacheprovider", f"--markersteal-shard={number}/2", *options)
            for number in (1, 2)
        ]
        return sorted(
            sum(one.parseoutcomes().get(x, 0) for x in ("passed", "failed")) for one in found
        )

    run_pytest("-p", "cacheprovider")
    assert ran() == [4, 8]
    run_pytest("-p", "cacheprovider")
    assert ran("--lf") == [0, 1]


def test_what_is_deselected_is_not_split(suite, run_markersteal):
    """-k and -m come first, so that the shards of what is left are equal."""
    counts = []
    for number in (1, 2):
        result = run_markersteal("-k", "test_it[", f"--markersteal-shard={number}/2")
        counts.append(told(result)[2:4])
    assert counts == [("10", "20"), ("10", "20")]


@pytest.mark.parametrize("args", RUNS.values(), ids=RUNS)
def test_an_empty_shard_is_no_failure(pytester, run_pytest, args):
    """Three tests in five jobs: two have nothing to do, say so and are green."""
    pytester.makepyfile("def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass")
    results = [run_pytest(*args, f"--markersteal-shard={n}/5") for n in range(1, 6)]
    assert [result.ret for result in results] == [pytest.ExitCode.OK] * 5
    assert sorted(told(result)[2] for result in results) == ["0", "0", "1", "1", "1"]
    empty = next(result for result in results if told(result)[2] == "0")
    assert told(empty)[4] == ": nothing is left for this one"


@pytest.mark.parametrize("n", [0, 2])
def test_no_tests_at_all_are_still_told(suite, run_markersteal, n):
    """A -k that matches nothing is the mistake that it is without shards."""
    result = run_markersteal("-k", "nothing", "--markersteal-shard=1/2", n=n)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize("n", [0, 2])
@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("0/5", "there is no shard 0 of 5; write 1/5 to 5/5"),
        ("6/5", "there is no shard 6 of 5; write 1/5 to 5/5"),
        ("2/1", "there is no shard 2 of 1; write 1/1"),
        ("2/0", "'2/0' is a part of none; for all tests write 1/1, or leave it out"),
        ("2", "'2' is not of the form I/N; for the second of five shards write 2/5"),
        ("-1/5", "'-1/5' is not of the form I/N; *"),
        ("2/5/7", "'2/5/7' is not of the form I/N; *"),
        ("1.5/3", "'1.5/3' is not of the form I/N; *"),
        ("", "'' is not of the form I/N; *"),
    ],
)
def test_what_is_no_shard_is_refused(suite, run_markersteal, value, complaint, n):
    """A usage error that says what to write, before anything runs."""
    result = run_markersteal(f"--markersteal-shard={value}", n=n)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--markersteal-shard: {complaint}"])
    assert "Traceback" not in str(result.stderr) + str(result.stdout)
    assert suite.names() == []


def test_malformed_capacities_are_refused(suite, run_pytest):
    """They matter for the split, so they are looked at with any --dist."""
    result = run_pytest("-n2", "--markersteal-shard=1/2", "-omarkersteal_resources=db")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*markersteal_resources: 'db' is not of the form 'key = units'*"])


def test_a_whole_is_no_part(suite, run_markersteal, pytester):
    """1/1 runs everything and records as ever."""
    result = run_markersteal("--markersteal-shard=1/1")
    assert len(suite.names()) == len(NAMES)
    result.stdout.no_fnmatch_line("*shard 1 of 1*")
    assert (pytester.path / FILE).exists()


def test_a_shard_does_not_change_what_all_are_cut_by(suite, run_markersteal, pytester):
    """It records beside the durations file, and drops nothing that others run."""
    run_markersteal()
    before = (pytester.path / FILE).read_bytes()
    pytester.makepyfile(test_more="def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass")
    known = Store(pytester.path).load()
    for number in (1, 2, 3):
        arguments = (f"--markersteal-shard={number}/3", "--markersteal-record=always")
        name = f"durations-{number}-of-3.msgpack"
        result = run_markersteal(*arguments)
        result.stdout.fnmatch_lines(["durations: known for *"])
        assert (pytester.path / FILE).read_bytes() == before
        # Also where none of the new tests was in it: who joins them waits for each.
        after = read(pytester.path / FILE.with_name(name))
        assert after.startups == known.startups
        assert known.functions.keys() <= after.functions.keys()
    joined = merge([read(path) for path in (pytester.path / FILE.parent).glob("*-of-3.*")], known)
    assert len(joined.functions) == len(known.functions) + 3


def test_the_number_of_workers_is_that_for_the_shard(suite, run_markersteal, remember, pytester):
    """-n auto counts on the tests of the shard and not on those of others."""
    pytester.makeconftest("def pytest_xdist_auto_num_workers(config): return 2")
    startup = Startup(0.04, 0.2, 0.1, 0.0005, None)
    remember(dict.fromkeys(IDS, 1.0), startups={Selection("", ""): startup})
    result = run_markersteal("--markersteal-shard=1/3", n="auto")
    result.stdout.fnmatch_lines(["markersteal: 2 workers: each pays * (predicted [56].? s)"])


def test_a_damaged_file_is_told_and_split_by_number(suite, run_pytest, pytester):
    """In each mode once, also with -q, and the run goes on."""
    path = pytester.path / FILE
    for args in RUNS.values():
        for quiet in ((), ("-q",)):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"damaged")
            result = run_pytest(*args, *quiet, "--markersteal-shard=1/2")
            assert result.ret == pytest.ExitCode.OK
            assert quiet or told(result)[4].startswith(", by number")
            assert str(result.stdout).count("can't be used") == 1


def test_quiet_runs_do_not_tell(suite, run_pytest):
    """-q leaves the line out, as it does the header."""
    for args in (("-n0",), ("-n2",)):
        run_pytest(*args, "-q", "--markersteal-shard=1/2").stdout.no_fnmatch_line("*shard 1*")


def test_a_worker_that_is_replaced_has_the_same_shard(pytester, run_markersteal, suite):
    """It collects again, and by the same file."""
    pytester.makepyfile(
        test_it="""
        import os, pytest, witness

        @pytest.mark.parametrize("number", range(12))
        def test_it(number):
            if witness.first_time("crash"):
                os._exit(1)
            witness.tell(str(number))
        """
    )
    result = run_markersteal("--markersteal-shard=1/2")
    result.assert_outcomes(passed=5, failed=1)
    assert len(set(suite.names())) == 5
