"""What a run shows on the terminal, and below the tests in its summary."""

from __future__ import annotations

import pytest

PASSING = """
    import pytest

    @pytest.mark.parametrize("number", range(4))
    def test_it(number): pass
"""


def summary(result):
    """The lines of the summary, without its heading."""
    lines = result.outlines
    begin = next(i for i, line in enumerate(lines) if line.endswith("- markersteal " + "-" * 34))
    end = next(i for i in range(begin + 1, len(lines)) if lines[i].startswith("==="))
    return lines[begin + 1 : end]


def test_quietness(pytester, run_markersteal):
    """The summary has at most five lines, one with -q, none with -qq."""
    pytester.makepyfile(PASSING)
    lines = summary(run_markersteal())
    assert 3 <= len(lines) <= 5
    assert lines[0].startswith("4 tests on 2 workers in ")
    assert lines[1].startswith("limited by ")
    assert lines[2] == (
        "durations: none were known, so the next run will be better balanced; "
        "updated .markersteal/durations.msgpack"
    )
    quiet = run_markersteal("-q")
    assert len([line for line in quiet.outlines if "markersteal" in line]) == 1
    quiet.stdout.fnmatch_lines(["markersteal: 4 tests on 2 workers in *"])
    silent = run_markersteal("-qq")
    silent.stdout.no_fnmatch_line("*markersteal*")
    silent.stdout.no_fnmatch_line("*workers*")
    assert silent.ret == pytest.ExitCode.OK


def test_verbose_shows_a_test_when_it_starts(pytester, run_markersteal, witness):
    """With -v a test that hangs or crashes has been shown before."""
    pytester.makepyfile(
        test_it="""
        import os

        def test_crash():
            os._exit(1)
        """
    )
    result = run_markersteal("-v", "--max-worker-restart=0")
    result.stdout.fnmatch_lines(
        ["scheduling tests via MarkerSteal*", "test_it.py::test_crash*", "*FAILED*::test_crash*"]
    )


SLOW = "import time; time.sleep(0.3)"

LIMITS = {
    "key": (
        f"""
        @pytest.mark.shared_resource("db")
        @pytest.mark.parametrize("number", range(2))
        def test_slow(number): {SLOW}
        """,
        "limited by key 'db': 2 tests, * s one after another, the longest *::test_slow[[]?]",
    ),
    "test": (
        f"def test_slow(): {SLOW}",
        "limited by the longest test: *::test_slow (* s)",
    ),
    "no_parallel": (
        f"""
        @pytest.mark.no_parallel
        @pytest.mark.parametrize("number", range(2))
        def test_slow(number): {SLOW}
        """,
        "limited by no_parallel: 2 tests, * s alone, the longest *::test_slow[[]?]",
    ),
    "serial": (
        f"""
        @pytest.mark.serial
        @pytest.mark.parametrize("number", range(2))
        def test_slow(number): {SLOW}
        """,
        "limited by serial: 2 tests, * s one after another, the longest *::test_slow[[]?]",
    ),
    "group": (
        f"""
        @pytest.mark.xdist_group("red")
        @pytest.mark.parametrize("number", range(2))
        def test_slow(number): {SLOW}
        """,
        "limited by group 'red': 2 tests, * s on one worker, the longest *::test_slow[[]?]",
    ),
    "work": (
        f"""
        @pytest.mark.parametrize("number", range(6))
        def test_slow(number): {SLOW}
        """,
        "limited by the work itself: * s for each of 2 workers",
    ),
}


@pytest.mark.parametrize("kind", LIMITS)
def test_the_limit_is_named(pytester, run_markersteal, kind):
    """The summary names what kept the run from being faster."""
    source, line = LIMITS[kind]
    dedent = "\n".join(row[8:] if row.startswith(" " * 8) else row for row in source.split("\n"))
    # Nothing beside them: on a busy machine, what does nothing may take long.
    pytester.path.joinpath("test_it.py").write_text(
        f"import pytest\n\n{dedent}\n", encoding="utf-8"
    )
    result = run_markersteal()
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines([line])


def test_not_run_is_told(pytester, run_markersteal):
    """After -x the summary says how many tests did not run, and why; with -q in its one line."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.serial
        @pytest.mark.parametrize("number", range(5))
        def test_it(number):
            assert number != 1
        """
    )
    lines = summary(run_markersteal("-x"))
    assert len(lines) <= 5
    assert lines[-1].startswith("not run: 3 tests (stopping after 1 failures): ")
    assert lines[-1].endswith("::test_it[4]")
    run_markersteal("-x", "-q").stdout.fnmatch_lines(["markersteal: 5 tests *; 3 not run"])


def test_second_run_knows_the_durations(pytester, run_markersteal):
    """A run writes the durations file, and the next one says for how many tests they are known."""
    pytester.makepyfile(test_it=PASSING)
    run_markersteal()
    file = pytester.path / ".markersteal" / "durations.msgpack"
    assert file.stat().st_size
    pytester.makepyfile(test_new="def test_new(): pass")
    result = run_markersteal()
    result.stdout.fnmatch_lines(["durations: known for 4 of 5 tests"])
