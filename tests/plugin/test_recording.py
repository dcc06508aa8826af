"""When a run writes the durations file, and what a run that does not write it says."""

from __future__ import annotations

import pytest

from pytest_markersteal.durations.history import History, Times
from pytest_markersteal.durations.learning import Measured, learn
from pytest_markersteal.durations.store import Store

QUICK = """
    import pytest

    @pytest.mark.parametrize("number", range(6))
    def test_quick(number): pass
"""
LONG = """
    import time

    import pytest

    @pytest.mark.parametrize("number", range(8))
    def test_short(number): time.sleep(0.3)

    def test_long(): time.sleep(2.4)
"""
"""At best 2.4 s with two workers, if the long one starts first."""

WRONG = {f"test_it.py::test_short[{number}]": 3.0 for number in range(8)}
WRONG["test_it.py::test_long"] = 1.0
"""The long one would start last: after 1.2 s, so that the run takes 3.6 s."""


@pytest.fixture
def file(pytester):
    """The durations file."""
    return Store(pytester.path).path


@pytest.fixture
def remember(pytester, run_markersteal):
    """Write a file with these durations, to a whole run of which the start is known."""

    def write(durations_s):
        run_markersteal("--markersteal-record=always")
        store = Store(pytester.path)
        startups = store.load().startups
        tests = {node_id: Times(0.0, s, 0.0, s) for node_id, s in durations_s.items()}
        store.save(learn(History(), Measured(tests, startups=startups)))

    return write


def test_auto_writes_the_first_file_and_leaves_it(pytester, run_markersteal, file):
    """Later runs of the same suite change nothing, not even its time."""
    pytester.makepyfile(test_it=QUICK)
    run_markersteal().stdout.fnmatch_lines(["durations: *updated .markersteal/durations.msgpack"])
    first, changed_ns = file.read_bytes(), file.stat().st_mtime_ns
    for _ in range(3):
        run_markersteal().stdout.fnmatch_lines(["durations: known for 6 of 6 tests"])
    assert file.read_bytes() == first
    assert file.stat().st_mtime_ns == changed_ns


def test_a_renamed_file_is_learnt_when_that_pays_or_when_asked(pytester, run_markersteal, file):
    """Under auto nothing is written for it; always learns the new name, and drops the old one."""
    path = pytester.makepyfile(test_it=QUICK)
    run_markersteal()
    before = file.read_bytes()
    path.rename(path.with_name("test_other.py"))
    run_markersteal().stdout.fnmatch_lines(["durations: none were known"])
    assert file.read_bytes() == before
    run_markersteal("--markersteal-record=always")
    assert list(Store(pytester.path).load().functions) == ["test_other.py::test_quick"]


def test_always_writes_only_what_changed(pytester, run_markersteal, file):
    """With the same tests, the file stays; with a new one, it is written."""
    pytester.makepyfile(test_it=QUICK)
    run_markersteal("--markersteal-record=always")
    # A busy machine may make a test take several times as long, which is a change; not each time.
    for _ in range(4):
        changed_ns = file.stat().st_mtime_ns
        run_markersteal("--markersteal-record=always")
        if file.stat().st_mtime_ns == changed_ns:
            break
    else:
        pytest.fail("it is written anew by each run")
    pytester.makepyfile(test_new="def test_new(): pass")
    result = run_markersteal("--markersteal-record=always")
    result.stdout.fnmatch_lines(["durations: known for 6 of 7 tests; updated *"])
    assert "test_new.py::test_new" in Store(pytester.path).load().functions


def test_auto_writes_where_a_better_plan_pays(pytester, run_markersteal, remember):
    """At least one second and 2 %: here the long test would start last."""
    pytester.makepyfile(test_it=LONG)
    remember(WRONG)
    run_markersteal().stdout.fnmatch_lines(["durations: known for 9 of 9 tests; updated *"])
    known = Store(pytester.path).load().times("test_it.py::test_long")
    assert known.total_s > Store(pytester.path).load().times("test_it.py::test_short[1]").total_s
    run_markersteal().stdout.fnmatch_lines(["durations: known for 9 of 9 tests"])


def test_never_and_where_it_is_said(pytester, run_markersteal, file, monkeypatch):
    """The option wins over the environment, and that over the ini file."""
    pytester.makepyfile(test_it=QUICK)
    run_markersteal("--markersteal-record=never")
    assert not file.exists()
    pytester.makeini("[pytest]\nmarkersteal_record = never")
    run_markersteal().stdout.fnmatch_lines(["durations: none were known"])
    assert not file.exists()
    monkeypatch.setenv("MARKERSTEAL_RECORD", "auto")
    run_markersteal("--markersteal-record=never")
    assert not file.exists()
    run_markersteal()
    assert file.exists()


@pytest.mark.parametrize(
    ("variable", "arguments", "complaint"),
    [
        ("sometimes", (), "*MARKERSTEAL_RECORD: 'sometimes' is none of 'auto', 'always', 'never'"),
        ("", ("-omarkersteal_record=yes",), "*markersteal_record: 'yes' is none of 'auto', *"),
        ("", ("--markersteal-record=yes",), "*--markersteal-record: invalid choice: 'yes'*"),
    ],
)
def test_other_choices_are_usage_errors(
    pytester, run_markersteal, monkeypatch, variable, arguments, complaint
):
    """Before any test runs."""
    pytester.makepyfile(test_it=QUICK)
    monkeypatch.setenv("MARKERSTEAL_RECORD", variable)
    result = run_markersteal(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([complaint])


def test_continuous_integration_writes_nothing(pytester, run_markersteal, file, monkeypatch):
    """Without a file it says how to make one; with one that is good it says nothing."""
    pytester.makepyfile(test_it=QUICK)
    monkeypatch.setenv("CI", "true")
    run_markersteal("-k", "1 or 2").stdout.fnmatch_lines(
        [
            "durations: none were known; to keep them, run this and commit the file: pytest * "
            "-n2 * -k '1 or 2' --markersteal-record=always"
        ]
    )
    assert not file.exists()
    run_markersteal("--markersteal-record=always")
    assert file.exists()
    run_markersteal().stdout.fnmatch_lines(["durations: known for 6 of 6 tests"])


def test_continuous_integration_says_what_a_new_file_would_gain(
    pytester, run_markersteal, file, monkeypatch, remember
):
    """And the command that writes it."""
    pytester.makepyfile(test_it=LONG)
    remember(WRONG)
    before = file.read_bytes()
    monkeypatch.setenv("CI", "true")
    run_markersteal("--markersteal-record", "auto").stdout.re_match_lines(
        [
            r"durations: known for 9 of 9 tests; new ones would save \d\.\d s \(\d\d%\): run "
            r"pytest .*--markersteal-record auto --markersteal-record=always and commit the file"
        ]
    )
    assert file.read_bytes() == before


@pytest.mark.parametrize("arguments", [("-k1",), ("test_it.py",), ("--lf",), ("-x",)])
def test_parts_of_a_run_drop_nothing(pytester, run_markersteal, arguments):
    """They teach what they saw."""
    pytester.makepyfile(test_it=QUICK, test_more=QUICK)
    pytester.makeconftest(
        """
        import os, pytest

        def pytest_runtest_call(item):
            if os.environ.get("BREAK") and item.name == "test_quick[0]":
                pytest.fail("broken")
        """
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BREAK", "1")
        run_markersteal("--markersteal-record=always")
    known = Store(pytester.path).load()
    pytester.makepyfile(test_more="def test_instead(): pass")
    run_markersteal("--markersteal-record=always", *arguments)
    assert known.functions.keys() <= Store(pytester.path).load().functions.keys()


def test_what_a_conftest_leaves_out_without_a_word_is_kept(pytester, run_markersteal):
    """Many take tests from the list, and don't call pytest_deselected."""
    pytester.makepyfile(test_it=QUICK, test_more=QUICK)
    run_markersteal("--markersteal-record=always")
    known = Store(pytester.path).load()
    pytester.makeconftest(
        """
        import pytest

        @pytest.hookimpl(trylast=True)
        def pytest_collection_modifyitems(items):
            items[:] = [item for item in items if item.path.stem == "test_it"]
        """
    )
    pytester.makepyfile(test_it="def test_instead(): pass")
    run_markersteal("--markersteal-record=always").assert_outcomes(passed=1)
    assert known.functions.keys() < Store(pytester.path).load().functions.keys()


def test_a_complete_green_run_drops_what_is_gone(pytester, run_markersteal):
    """Tests, and files that were deleted; where something fails, nothing is dropped."""
    pytester.makepyfile(test_it=QUICK, test_more=QUICK, test_red="def test_red(): assert False")
    run_markersteal()
    (pytester.path / "test_more.py").unlink()
    pytester.makepyfile(test_it="def test_other(): pass")
    run_markersteal("--markersteal-record=always")
    everything = {"test_it.py::test_quick", "test_more.py::test_quick", "test_it.py::test_other"}
    assert Store(pytester.path).load().functions.keys() == everything
    pytester.makepyfile(test_red="def test_red(): pass")
    run_markersteal("--markersteal-record=always")
    left = Store(pytester.path).load().functions.keys()
    assert left == {"test_it.py::test_other", "test_red.py::test_red"}


def test_reruns_teach_nothing(pytester, run_markersteal):
    """A test that passes at the second try may have taken any time."""
    pytester.makepyfile(
        test_it="""
        from pathlib import Path

        def test_flaky():
            seen = Path(__file__).with_name("seen")
            if not seen.exists():
                seen.touch()
                assert False

        def test_steady(): pass
        """
    )
    run_markersteal("--reruns=1", plugins=["rerunfailures"])
    assert list(Store(pytester.path).load().functions) == ["test_it.py::test_steady"]


@pytest.mark.parametrize("more", [(), ("--markersteal-watch",)])
def test_a_fixture_that_fails_shows_its_own_lines(pytester, run_markersteal, more):
    """And none of what times it, or watches it."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture(scope="module")
        def broken():
            raise RuntimeError("of the fixture")

        def test_fails(broken):
            pass
        """
    )
    result = run_markersteal(*more)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*test_a_fixture_that_fails*:5: RuntimeError"])
    result.stdout.no_fnmatch_line("*pytest_fixture_setup*")


def test_a_class_fixture_of_a_test_without_class_is_its_own(pytester, run_markersteal):
    """It is set up for each, and would have a line for each set of parameters."""
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="class", autouse=True)
        def wide(): pass
        """
    )
    pytester.makepyfile(test_it=QUICK + "\n    class TestIt:\n        def test_one(self): pass\n")
    run_markersteal().assert_outcomes(passed=7)
    places = {fixture.node for fixture in Store(pytester.path).load().fixtures}
    assert places == {"test_it.py::TestIt"}
