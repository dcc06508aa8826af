"""Fixtures of every scope: set up no more often than with worksteal, and torn down as often."""

from __future__ import annotations

from collections import Counter

import pytest

CONFTEST = """
    import pytest, witness

    @pytest.fixture(scope="session", autouse=True)
    def of_session():
        witness.tell("session up")
        yield
        witness.tell("session down")
"""

PACKAGE_CONFTEST = """
    import pytest, witness

    @pytest.fixture(scope="package")
    def of_package():
        witness.tell("package up")
        yield
        witness.tell("package down")
"""

MODULE = """
    import pytest, witness

    @pytest.fixture(scope="module")
    def of_module(of_package):
        witness.tell("module up")
        yield
        witness.tell("module down")

    @pytest.fixture(scope="class")
    def of_class(of_module):
        witness.tell("class up")
        yield
        witness.tell("class down")

    @pytest.fixture
    def of_function(of_class):
        witness.tell("function up")
        yield
        witness.tell("function down")

    class TestFirst:
        @pytest.mark.parametrize("number", range(4))
        def test_number(self, of_function, number):
            witness.linger()

    class TestSecond:
        @pytest.mark.parametrize("number", range(4))
        def test_number(self, of_function, number):
            witness.linger()

    def test_function(of_function): pass
"""

MARKED = """
    import pytest, witness

    @pytest.fixture(scope="module")
    def of_module(of_package):
        witness.tell("module up")
        yield
        witness.tell("module down")

    @pytest.mark.shared_resource("db")
    def test_keyed(of_module): pass

    @pytest.mark.serial
    def test_serial(of_module): pass

    @pytest.mark.no_parallel
    def test_alone(of_module): pass

    def test_ordinary(of_module): pass
"""

FAILING = """
    import pytest, witness

    @pytest.fixture(scope="module")
    def of_module(of_package):
        witness.tell("module up")
        yield
        witness.tell("module down")

    @pytest.fixture
    def broken(of_module):
        raise RuntimeError

    def test_passes(of_module): pass

    def test_fails(of_module): assert False

    def test_fails_too(of_module): assert False

    def test_error(broken): pass

    def test_skips(of_module): pytest.skip()

    def test_passes_too(of_module): pass
"""

SCOPES = ["session", "package", "module", "class", "function"]


COSTLY = "; [witness.linger() for _ in range(6)]"
"""Makes a fixture cost as much as several tests."""


@pytest.fixture
def make_suite(pytester, witness):
    """Write packages of modules, whose fixtures tell when they are set up and torn down."""

    def make(packages, modules, costly=()):
        def source(text):
            for scope in costly:
                text = text.replace(f'tell("{scope} up")', f'tell("{scope} up"){COSTLY}')
            return text

        files = {}
        for package in range(packages):
            files[f"p{package}/__init__"] = ""
            files[f"p{package}/conftest"] = source(PACKAGE_CONFTEST)
            for module in range(modules):
                files[f"p{package}/test_{package}_{module}"] = source(MODULE)
        pytester.makeconftest(CONFTEST)
        pytester.makepyfile(**files)
        return packages * modules * 9

    return make


def counts(witness):
    """How often the fixtures of each scope were set up, all having been torn down."""
    seen = Counter(witness.names())
    witness.clear()
    for scope in SCOPES:
        assert seen[f"{scope} up"] == seen[f"{scope} down"], scope
    return {scope: seen[f"{scope} up"] for scope in SCOPES}


@pytest.mark.parametrize("costly", [(), ("class",), ("module",), ("package",)], ids=str)
@pytest.mark.parametrize(("packages", "modules"), [(1, 3), (3, 2)])
def test_no_more_set_ups_than_with_worksteal(
    run_pytest, run_markersteal, make_suite, witness, packages, modules, costly
):
    """Fixtures of no scope are set up more often than with worksteal, known or not, dear or not."""
    tests = make_suite(packages, modules, costly)
    run_pytest("-n2", "--dist=worksteal").assert_outcomes(passed=tests)
    worksteal = counts(witness)
    for known in ("nothing is known", "all is known"):
        run_markersteal().assert_outcomes(passed=tests)
        ours = counts(witness)
        assert all(ours[scope] <= worksteal[scope] for scope in SCOPES), (known, ours, worksteal)


def test_session_fixtures_are_set_up_once_a_worker(pytester, run_markersteal, witness):
    """A worker that waits in between, as around no_parallel tests, keeps its session fixtures."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(
        """
        import pytest, witness

        @pytest.mark.no_parallel
        @pytest.mark.parametrize("number", range(2))
        def test_alone(number): pass

        @pytest.mark.parametrize("number", range(2))
        def test_ordinary(number):
            witness.meet("both workers", 2)
        """
    )
    run_markersteal().assert_outcomes(passed=4)
    ups = Counter(event["worker"] for event in witness.events() if event["name"] == "session up")
    assert ups == {"gw0": 1, "gw1": 1}
    assert witness.names().count("session down") == 2


def test_torn_down_as_often_as_set_up(pytester, run_markersteal, make_suite, witness):
    """With marks, failures and errors, fixtures are torn down as often as they are set up."""
    tests = make_suite(2, 2)
    pytester.makepyfile(
        **{
            "p0/test_marked": MARKED,
            "p1/test_marked": MARKED,
            "p1/test_failing": FAILING,
        }
    )
    passed = tests + 2 * 4 + 2
    for n in (2, 3):
        run_markersteal(n=n).assert_outcomes(passed=passed, failed=2, errors=1, skipped=1)
        counts(witness)


@pytest.mark.parametrize("scope", SCOPES)
def test_teardown_errors_are_reported(pytester, run_markersteal, scope):
    """An error in the teardown of a fixture is reported once, with the last test before it."""
    pytester.makepyfile(
        **{
            "package/__init__": "",
            "package/conftest": f"""
            import pytest

            @pytest.fixture(scope="{scope}")
            def broken():
                yield
                raise RuntimeError("no teardown")
            """,
            "package/test_it": """
            def test_broken(broken): pass
            """,
            "test_other": """
            def test_one(): pass

            def test_two(): pass
            """,
        }
    )
    result = run_markersteal()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=3, errors=1)
    # Session fixtures go down with the worker, which may have run other tests after it.
    last = "test_*" if scope == "session" else "test_broken"
    result.stdout.fnmatch_lines(["*RuntimeError: no teardown", f"ERROR *::{last} - *"])


def test_setup_errors_are_reported(pytester, run_markersteal, witness):
    """A module's fixture that can't be set up is an error of each test of the module."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture(scope="module")
        def broken():
            raise RuntimeError("no setup")

        @pytest.mark.parametrize("number", range(4))
        def test_broken(broken, number): pass

        @pytest.mark.shared_resource("db")
        def test_keyed(broken): pass

        def test_good(): pass
        """
    )
    result = run_markersteal()
    result.assert_outcomes(passed=1, errors=5)
