"""Caches are cleared around tests: those that the ini file names, and those that a test gives."""

from __future__ import annotations

import pytest

WRONG = {
    "app.setings:get_settings": "there is no module app.setings; did you mean app.settings?",
    "app.settings:get_setting": "app.settings has no get_setting; did you mean get_settings?",
    "app.settings:environ": "app.settings:environ has no cache_clear()*",
}
"""Names of the right form, and what is said of each."""

MALFORMED = ["app.settings", "app.settings:", ":get_settings", "app settings:x", "a:b()", "a..b:c"]


@pytest.fixture
def app(pytester, witness):
    """An application whose settings are cached, and may be imported after the conftest only."""
    package = pytester.mkpydir("app")
    package.joinpath("settings.py").write_text(
        "import functools, witness\n"
        "from os import environ\n"
        "environ['READY']\n"
        "witness.tell('import')\n"
        "@functools.cache\n"
        "def get_settings(): return dict(environ)\n"
        "@functools.cache\n"
        "def get_flags(): return dict(environ)\n"
    )
    tests = pytester.mkdir("tests")
    tests.joinpath("conftest.py").write_text("import os\nos.environ['READY'] = 'yes'\n")
    pytester.syspathinsert()
    return tests


def name_caches(pytester, *names):
    lines = "".join(f"\n    {name}" for name in names)
    pytester.makeini(f"[pytest]\nmarkersteal_clear_caches ={lines}")


def tell_what_is_left(tests):
    with tests.joinpath("conftest.py").open("a") as conftest:
        conftest.write(
            """
def pytest_sessionfinish():
    import witness
    from app.settings import get_settings
    witness.tell(f"left: {get_settings.cache_info().currsize}")
"""
        )


LEAKY = """
    import pytest
    from app.settings import get_settings

    @pytest.fixture
    def by_fixture(monkeypatch):
        assert get_settings.cache_info().currsize == 0
        monkeypatch.setenv("MODE", "fixture")
        yield get_settings()
        assert get_settings()["MODE"] == "fixture"

    @pytest.mark.parametrize("mode", ["one", "two", "three"])
    def test_mode(monkeypatch, mode):
        monkeypatch.setenv("MODE", mode)
        assert get_settings()["MODE"] == mode
        assert get_settings() is get_settings()

    def test_in_fixture(by_fixture):
        assert get_settings()["MODE"] == "fixture"

    def test_after_all():
        assert "MODE" not in get_settings()
"""


@pytest.mark.parametrize("options", [[], ["-n2", "--dist=load"], ["-n2", "--dist=markersteal"]])
def test_named_caches_are_cleared_around_every_test(pytester, run_pytest, app, options):
    """Wherever tests run, whoever distributes them, and without asking for any fixture."""
    name_caches(pytester, "app.settings:get_settings")
    app.joinpath("test_it.py").write_text(pytester.makepyfile(LEAKY).read_text())
    run_pytest("tests", *options).assert_outcomes(passed=5)


def test_each_rerun_begins_and_ends_with_clear_caches(pytester, run_pytest, app):
    """What a failed attempt cached is forgotten before the next one."""
    name_caches(pytester, "app.settings:get_settings")
    app.joinpath("test_it.py").write_text(
        "import witness\n"
        "from app.settings import get_settings\n"
        "def test_flaky():\n"
        "    assert get_settings.cache_info().currsize == 0\n"
        "    get_settings()\n"
        "    assert not witness.first_time('flaky')\n"
    )
    result = run_pytest("tests", "--reruns=1", plugins=["rerunfailures"])
    assert result.parseoutcomes() == {"passed": 1, "rerun": 1}


def test_caches_are_cleared_before_the_first_test_and_after_the_last(
    pytester, run_pytest, witness, app
):
    """What collection filled is gone at the first, and what a test filled when all is over."""
    name_caches(pytester, "app.settings:get_settings")
    app.joinpath("test_it.py").write_text(
        """
from app.settings import get_settings

get_settings()

def test_only():
    assert get_settings.cache_info().currsize == 0
    get_settings()
"""
    )
    tell_what_is_left(app)
    run_pytest("tests").assert_outcomes(passed=1)
    assert witness.names() == ["import", "left: 0"]


@pytest.mark.parametrize("phase", ["setup", "call", "teardown"])
def test_caches_are_cleared_after_a_failure(pytester, run_pytest, witness, app, phase):
    """In whatever phase of the test, what it cached is gone."""
    name_caches(pytester, "app.settings:get_settings")
    app.joinpath("test_it.py").write_text(
        f"""
import pytest
from app.settings import get_settings

@pytest.fixture
def phases():
    get_settings()
    assert "{phase}" != "setup"
    yield
    assert "{phase}" != "teardown"

def test_fails(phases):
    assert "{phase}" != "call"
"""
    )
    tell_what_is_left(app)
    result = run_pytest("tests")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert witness.names() == ["import", "left: 0"]


def test_the_fixture_clears_in_the_middle_of_a_test(pytester, run_pytest, app):
    """All that the ini file names, or what it is given, which is cleared after the test too."""
    name_caches(pytester, "app.settings:get_settings")
    app.joinpath("test_it.py").write_text(
        """
import pytest
from app.settings import environ, get_flags, get_settings

def test_named(clear_caches, monkeypatch):
    assert "MODE" not in get_settings()
    flags = get_flags()
    monkeypatch.setenv("MODE", "new")
    clear_caches()
    assert get_settings()["MODE"] == "new"
    assert get_flags() is flags

def test_given(clear_caches, monkeypatch):
    settings = get_settings()
    monkeypatch.setenv("MODE", "new")
    assert "MODE" not in get_flags()  # Left by the test before: nobody names it.
    clear_caches(get_flags)
    assert get_flags()["MODE"] == "new"
    assert get_settings() is settings

@pytest.fixture
def using_flags():
    yield
    get_flags()

def test_given_ones(using_flags, monkeypatch, clear_caches):
    assert get_flags.cache_info().currsize == 0
    monkeypatch.setenv("MODE", "new")
    clear_caches(get_flags)
    assert get_flags()["MODE"] == "new"

def test_given_ones_are_cleared_when_all_fixtures_are_gone():
    assert get_flags.cache_info().currsize == 0
    get_flags()

def test_and_only_by_tests_that_give_them(clear_caches):
    assert get_flags.cache_info().currsize == 1

def test_without_a_cache(clear_caches):
    get_flags()
    with pytest.raises(TypeError, match="not environ.*, which has no cache_clear"):
        clear_caches(get_flags, environ)
    assert get_flags.cache_info().currsize == 1
"""
    )
    run_pytest("tests").assert_outcomes(passed=6)


def test_clearing_nothing_is_an_error(pytester, run_pytest):
    """Where the ini file names none, a call without functions is a mistake."""
    pytester.makepyfile(
        """
        import pytest

        def test_nothing(clear_caches):
            with pytest.raises(LookupError, match="in the ini file with markersteal_clear_caches"):
                clear_caches()
        """
    )
    run_pytest().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "options", [[], ["-n2", "--dist=worksteal"], ["-n2", "--dist=markersteal"]]
)
def test_wrong_names_are_usage_errors(pytester, run_pytest, witness, app, options):
    """All of them at once, with what was perhaps meant, before any test runs."""
    name_caches(pytester, "app.settings:get_settings", *WRONG)
    app.joinpath("test_it.py").write_text("import witness\ndef test(): witness.tell('ran')")
    result = run_pytest("tests", *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = [f"*markersteal_clear_caches: '{name}': {said}" for name, said in WRONG.items()]
    result.stderr.fnmatch_lines(said)
    assert "ran" not in witness.names()
    assert "INTERNALERROR" not in str(result.stdout) + str(result.stderr)
    assert "crashed" not in str(result.stdout)


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_names_are_usage_errors(pytester, run_pytest, witness, app, name):
    """At once: nothing is imported."""
    name_caches(pytester, name)
    app.joinpath("test_it.py").write_text("import app.settings\ndef test(): pass")
    result = run_pytest("tests")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*markersteal_clear_caches: '{name}' is not of the form *"])
    assert witness.names() == []


def test_the_application_is_imported_late_or_never(pytester, run_pytest, witness, app):
    """After all conftests, and only where a test is about to run."""
    name_caches(pytester, "app.settings:get_settings")
    app.joinpath("test_it.py").write_text("def test(): pass")
    assert run_pytest("tests", "--collect-only").ret == pytest.ExitCode.OK
    assert run_pytest("tests", "-k", "nothing").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert witness.names() == []
    run_pytest("tests", "-n2").assert_outcomes(passed=1)
    # Once in each worker, and not on the controller, which has no conftest of the tests.
    assert witness.names() == ["import"] * 2
