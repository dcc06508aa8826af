"""Marks from ``markersteal.toml``, in real runs."""

from __future__ import annotations

import pytest

TESTS = """
    import pytest, witness

    @pytest.mark.parametrize("name", ["a[1]", "b"])
    def test_one(name):
        with witness.span("one"):
            pass

    def test_two():
        with witness.span("two"):
            pass

    def test_three():
        with witness.span("three"):
            pass
    """

MAP = """
version = 1

[marks]
"test_it.py::test_one[a[1]]" = { serial = true }
"test_it.py::test_one" = { shared_resource = ["db"] }
"*::test_t*" = { shared_resource = ["db", "mail"], xdist_group = "t" }
"""


@pytest.fixture
def write_map(pytester):
    """Write ``markersteal.toml``."""

    def write(text: str) -> None:
        pytester.path.joinpath("markersteal.toml").write_text(text)

    return write


def test_marks_of_the_map_are_marks(pytester, run_markersteal, witness, write_map):
    """On workers, tests of one key are kept apart, and those of one group together."""
    pytester.makepyfile(test_it=TESTS)
    write_map(MAP)
    run_markersteal("--strict-markers").assert_outcomes(passed=4)
    assert not witness.overlaps(lambda one, other: True)
    assert len({span.worker for span in witness.spans() if span.name in ("two", "three")}) == 1


def test_marks_of_the_map_select(pytester, run_pytest, witness, write_map):
    """By -m, without workers, and a shard keeps the tests of a key together."""
    pytester.makepyfile(test_it=TESTS)
    write_map(MAP)
    run_pytest("-m", "serial").assert_outcomes(passed=1, deselected=3)
    run_pytest("-m", "xdist_group").assert_outcomes(passed=2, deselected=2)
    shards = [run_pytest(f"--markersteal-shard={n}/2") for n in (1, 2)]
    assert sorted(shard.parseoutcomes().get("passed", 0) for shard in shards) == [0, 4]


@pytest.mark.parametrize("options", [[], ["-n2", "--dist=markersteal"], ["-n2", "--dist=load"]])
def test_patterns_that_match_nothing_are_told(options, pytester, run_pytest, witness, write_map):
    """Once, whoever collected, and the run passes; not what a part of the suite can't match."""
    pytester.makepyfile(test_it=TESTS, test_other="def test_other(): pass")
    write_map(
        f'{MAP}"test_it.py::test_gone" = {{ serial = true }}\n'
        '"test_other.py::test_gone" = { serial = true }\n'
    )
    result = run_pytest("test_it.py", *options)
    result.assert_outcomes(passed=4)
    told = [line for line in result.outlines if line.startswith("markersteal.toml: ")]
    assert told == [
        "markersteal.toml: no test matches 'test_it.py::test_gone'; mend the pattern, or remove it"
    ]


@pytest.mark.parametrize("options", [[], ["-n2", "--dist=markersteal"]])
def test_what_is_not_collected_of_a_file_is_not_told(options, pytester, run_pytest, write_map):
    """Where single tests are asked for, or those that failed."""
    pytester.makepyfile(test_it="def test_one(): assert 0\ndef test_two(): pass")
    write_map('version = 1\n[marks]\n"test_it.py::test_two" = { serial = true }\n')
    cache = ["-p", "cacheprovider"]
    run_pytest(*cache, *options)
    for part in ("test_it.py::test_one", "--lf"):
        result = run_pytest(*cache, part, *options)
        assert result.parseoutcomes()["failed"] == 1
        result.stdout.no_fnmatch_line("markersteal.toml: *")


@pytest.mark.parametrize("options", [[], ["-n2", "--dist=markersteal"]])
def test_a_mistake_in_the_map_is_a_usage_error(options, pytester, run_pytest, write_map):
    """Before anything is collected."""
    pytester.makepyfile("raise RuntimeError")
    write_map('version = 1\n[marks]\n"a.py" = { seriell = true }\n')
    result = run_pytest(*options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *markersteal.toml: 'a.py': there is no mark 'seriell'; *"])
