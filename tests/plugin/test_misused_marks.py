"""A mark used wrongly is a usage error, before any test runs."""

from __future__ import annotations

import pytest

WRONG = {
    "shared_resource(7)": "a key of shared_resource must be a non-empty string, not 7",
    "shared_resource('db', None)": "a key of shared_resource must be * not None",
    "shared_resource('')": "a key of shared_resource must be * not ''",
    "shared_resource('  ')": "a key of shared_resource must be * not '  '",
    "shared_resource(['db'])": "a key of shared_resource must be * not ['db']",
    "shared_resource('db', exclusive=True)": "shared_resource has no argument 'exclusive'*",
    "shared_resource('db', mode='rw')": "mode * must be 'read' or 'write', not 'rw'",
    "shared_resource('db', mode=None)": "mode * must be 'read' or 'write', not None",
    "shared_resource('db', mode=[])": "mode * must be 'read' or 'write', not []",
    "shared_resource('db', scope='module')": "scope * must be 'session' or 'host', not 'module'",
    "shared_resource('db', units=0)": "units * must be a whole number from 1, not 0",
    "shared_resource('db', units=-1)": "units * must be a whole number from 1, not -1",
    "shared_resource('db', units=True)": "units * must be a whole number from 1, not True",
    "shared_resource('db', units='2')": "units * must be a whole number from 1, not '2'",
    "shared_resource('pool', units=3)": "units=3 of key 'pool' exceed its capacity of 2*",
    "shared_resource('db', units=2)": "units=2 of key 'db' exceed its capacity of 1*",
    "shared_resource('pool', mode='read', units=1)": "*takes mode='read' or units, not both",
    "serial('db')": "serial takes no arguments, but has ('db')",
    "serial(reason='slow')": "serial takes no arguments, but has (reason='slow')",
    "no_parallel(1, reason='slow')": "no_parallel takes no arguments, but has (1, reason='slow')",
}
"""Each mark, and what is said of it."""

MALFORMED = {
    "db": "'db' is not of the form 'key = units'*",
    "db = ": "'db =' is not of the form*",
    "= 2": "'= 2' is not of the form*",
    "db = 0": "'db = 0' is not of the form*",
    "db = -1": "'db = -1' is not of the form*",
    "db = alice,, bob": "'db = alice,, bob' has an instance without a name: *",
    "db = 1.5": "'db = 1.5' is not of the form*",
    "db = 1\n    db = 2": "key 'db' is given twice",
}
"""Lines of markersteal_resources, and what is said of them."""


def literal(pattern):
    """``pattern`` with brackets taken literally, as fnmatch does not."""
    return pattern.replace("[", "[[]")


@pytest.fixture
def misused(pytester, witness):
    """A suite in which each test has one mark that is wrong, and the line of each."""
    pytester.makeini("[pytest]\nmarkersteal_resources = pool = 2")
    lines = ["import pytest, witness", "def test_right(): witness.tell('ran')"]
    expected = []
    for number, (mark, message) in enumerate(WRONG.items()):
        place = f"test_misused.py:{len(lines) + 1}: test_misused.py::test_{number}: "
        expected.append(literal(f"*{place}{message}"))
        lines += [f"@pytest.mark.{mark}", f"def test_{number}(): witness.tell('ran')"]
    pytester.path.joinpath("test_misused.py").write_text("\n".join(lines), encoding="utf-8")
    return expected


@pytest.mark.parametrize("n", [2, 1, 0])
def test_each_misuse_is_refused(run_markersteal, witness, misused, n):
    """Every wrong mark is told with test, file and line, and nothing runs."""
    result = run_markersteal(n=n)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(misused)
    result.stderr.no_fnmatch_line("*test_right*")
    result.stdout.no_fnmatch_line("*not run:*")
    assert witness.names() == []


def test_without_the_choice_nothing_is_refused(run_pytest, misused):
    """A suite whose marks mean something else to its team can have this plugin installed."""
    passed = len(WRONG) + 1
    run_pytest("-n2", "--dist=worksteal").assert_outcomes(passed=passed)
    run_pytest().assert_outcomes(passed=passed)


def test_whoever_asks_for_what_a_wrong_mark_holds_is_told(pytester, run_pytest):
    """In one line, also where nobody looks at marks."""
    pytester.makepyfile(
        "import pytest\n@pytest.mark.shared_resource('db', unit=2)\ndef test_it(resource): pass\n"
    )
    result = run_pytest("-n0")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["test_*.py:2: *::test_it: shared_resource has no argument 'unit': it takes keys, *"]
    )
    result.stdout.no_fnmatch_line("During handling*")


def test_only_selected_tests_are_looked_at(run_markersteal, misused):
    """A wrong mark on a test that was deselected or not collected stops nobody."""
    run_markersteal("-k", "test_right").assert_outcomes(passed=1)
    result = run_markersteal("test_misused.py::test_right", n=0)
    result.assert_outcomes(passed=1)


def test_many_misuses_are_cut_short(pytester, run_markersteal):
    """Of very many wrong marks some are shown, and how many more there are."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(100))
        @pytest.mark.serial("db")
        def test_wrong(number): pass
        """
    )
    result = run_markersteal()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*and 80 more tests*"])
    assert str(result.stderr).count("serial takes no arguments") == 20


@pytest.mark.parametrize("lines", MALFORMED)
def test_malformed_resources_are_refused(pytester, run_markersteal, witness, lines):
    """A line of markersteal_resources that says no capacity is a usage error that shows it."""
    pytester.makeini(f"[pytest]\nmarkersteal_resources =\n    {lines}")
    pytester.makepyfile("import witness\ndef test(): witness.tell('ran')")
    result = run_markersteal(n=2 if lines == "db" else 0)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*markersteal_resources: {MALFORMED[lines]}"])
    assert witness.names() == []


def test_malformed_resources_without_the_choice(pytester, run_pytest):
    """Without the choice the ini value is not even looked at."""
    pytester.makeini("[pytest]\nmarkersteal_resources = db")
    pytester.makepyfile("def test(): pass")
    run_pytest().assert_outcomes(passed=1)
