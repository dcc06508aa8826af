"""``markersteal`` is a choice of ``--dist`` like every other."""

from __future__ import annotations

import pytest

MARKED = """
    import pytest

    @pytest.mark.serial
    def test_serial(): pass

    @pytest.mark.no_parallel
    def test_alone(): pass

    @pytest.mark.shared_resource("db", mode="read")
    def test_reader(): pass

    @pytest.mark.xdist_group("group")
    def test_grouped(): pass
"""

PLUGINS = ("xdist", "pytest_markersteal.plugin")


def test_help_shows_the_choice(run_pytest):
    """The help says, once and below the other choices of --dist, what markersteal is."""
    result = run_pytest("--help")
    assert result.ret == pytest.ExitCode.OK
    squeezed = "".join("".join(result.outlines).split())
    assert squeezed.count("markersteal:Likeworksteal,butknowswhateachtestneeds") == 1


def test_choice_in_the_ini_file(pytester, run_pytest):
    """The option works from addopts, on controller and workers."""
    pytester.makeini("[pytest]\naddopts = -n 2 --dist markersteal")
    pytester.makepyfile(MARKED)
    result = run_pytest("-v")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*MarkerSteal*", "*- markersteal -*"])


@pytest.mark.parametrize("plugins", [PLUGINS, PLUGINS[::-1]], ids=" then ".join)
def test_any_load_order(pytester, monkeypatch, plugins):
    """It does not matter which of xdist and this plugin is loaded first."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(MARKED)
    loaded = [f"-p{name}" for name in plugins]
    result = pytester.runpytest_subprocess(
        *loaded, "-n2", "--dist=markersteal", "--strict-markers", timeout=120
    )
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*- markersteal -*"])


def test_the_last_choice_counts(pytester, run_pytest):
    """Of several choices the last one counts, as with every option of pytest."""
    pytester.makepyfile(MARKED)
    result = run_pytest("-n2", "--dist=worksteal", "--dist", "markersteal")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*- markersteal -*"])


def test_unknown_choice_is_refused_by_xdist(pytester, run_pytest):
    """A choice that nobody knows is a usage error that lists the choices."""
    pytester.makepyfile(MARKED)
    result = run_pytest("-n2", "--dist=markerstea")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--dist: invalid choice: 'markerstea'*worksteal*markersteal*"])


@pytest.mark.parametrize(
    "mode", ["each", "load", "loadscope", "loadfile", "loadgroup", "worksteal"]
)
def test_other_modes_stay_as_they_are(pytester, run_pytest, mode):
    """With another choice the marks are known, change nothing, and nothing is written."""
    pytester.makepyfile(MARKED)
    result = run_pytest("-n2", f"--dist={mode}", "--strict-markers", "-Werror")
    result.assert_outcomes(passed=8 if mode == "each" else 4)
    result.stdout.no_fnmatch_line("*markersteal -*")
    assert not (pytester.path / ".markersteal").exists()
