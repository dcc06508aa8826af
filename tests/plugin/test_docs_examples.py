"""The examples in the documentation, run as they stand."""

from __future__ import annotations

import dataclasses
import re
import shlex
import shutil
import subprocess
import sys
from typing import get_args

import pytest
from doc_pages import ROOT, blocks

from pytest_markersteal.races.audit.model import (
    AsyncUse,
    Audit,
    FixtureUse,
    MarkUse,
    Reason,
    Risk,
    Run,
    Waiting,
)
from pytest_markersteal.races.audit.rules import Rule
from pytest_markersteal.races.audit.statics import Fact
from pytest_markersteal.trace import names, records


def write_examples(pytester: pytest.Pytester, page: str) -> None:
    """Write the Python blocks of ``page``, each to the file that its first line names."""
    for ini in blocks(page, "ini"):
        pytester.makeini(ini)
    examples = [code.partition("\n") for code in blocks(page, "python")]
    assert examples
    for first_line, _, code in examples:
        path = pytester.path / first_line.removeprefix("# ")
        assert path.suffix == ".py"
        assert not path.exists()
        path.write_text(code, encoding="utf-8")


@pytest.mark.runs_examples("docs/environment.md", "ini", "python")
@pytest.mark.parametrize("workers", [0, 2])
def test_the_examples_of_slots_and_variables_pass(workers, pytester, run_markersteal):
    """With workers and without."""
    write_examples(pytester, "docs/environment.md")
    run_markersteal(n=workers).assert_outcomes(passed=2)


@pytest.mark.runs_examples("docs/ports.md", "ini", "python")
def test_the_examples_of_ports_pass(pytester, run_markersteal):
    """With real servers."""
    write_examples(pytester, "docs/ports.md")
    run_markersteal(n=2).assert_outcomes(passed=6)


@pytest.mark.runs_examples("docs/databases.md", "console", "ini", "python")
@pytest.mark.parametrize("workers", [0, 2])
def test_the_example_of_databases_passes(workers, pytester, run_markersteal, monkeypatch):
    """With a database for each worker, of which none is left, as the command at the end says."""
    _, calling, *commands = blocks("docs/databases.md", "console")
    exporting, command = calling.splitlines()
    monkeypatch.setenv(*exporting.removeprefix("$ export ").split("="))
    assert command == "$ pytest -n auto --dist markersteal"
    write_examples(pytester, "docs/databases.md")
    (pytester.path / "schema.sql").write_text("CREATE TABLE orders (name)")
    run_markersteal("--strict-config", n=workers).assert_outcomes(passed=4)
    for command in commands:
        done = pytester.run(sys.executable, "-m", "pytest_markersteal.cli", *command.split()[2:])
        assert done.ret == 0
        done.stdout.fnmatch_lines(
            ["databases made from shop:", "  stays *", "  1 database: 1 stays"]
        )


@pytest.mark.runs_examples("docs/howto/browser-ports.md", "python")
def test_the_example_of_browsers_passes(pytester, run_markersteal):
    """In the browser too, where there is one."""
    write_examples(pytester, "docs/howto/browser-ports.md")
    found = bool(shutil.which("chromium") or shutil.which("google-chrome"))
    run_markersteal(n=2).assert_outcomes(passed=1 + found, skipped=1 - found)


@pytest.mark.runs_examples("docs/marks.md", "ini", "python")
def test_the_examples_of_the_marks_pass(pytester, run_markersteal):
    """Every Python block of the page is a test module, with the ini block as its settings."""
    (ini,) = blocks("docs/marks.md", "ini")
    pytester.makeini(ini)
    examples = blocks("docs/marks.md", "python")
    assert len(examples) == 3
    pytester.makepyfile(**{f"test_example_{n}": code for n, code in enumerate(examples)})
    result = run_markersteal("--strict-markers", n=2)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*8 passed*"])


@pytest.mark.runs_examples("docs/marks.md", "console")
def test_the_command_with_keys_per_host_passes(pytester, run_pytest, witness):
    """On as many hosts as it says, each with a file of its own."""
    *_, code = blocks("docs/marks.md", "python")
    pytester.makepyfile(code)
    pytester.makeconftest(
        """
        import os, witness

        def pytest_collection_finish(session):
            for item in session.items:
                host = os.environ["MARKERSTEAL_HOST"]
                witness.tell("collected", host=host, path=str(item.module.EXPORT))
        """
    )
    (made, command) = blocks("docs/marks.md", "console")[0].splitlines()
    for folder in made.removeprefix("$ mkdir ").split():
        pytester.mkdir(folder)
    run_pytest(*shlex.split(command.removeprefix("$ pytest "))).assert_outcomes(passed=2)
    files = {(event["host"], event["path"]) for event in witness.events()}
    assert {host for host, _ in files} == {"a", "b"}
    assert len({path for _, path in files}) == 2


@pytest.mark.runs_examples("docs/resources.md", "ini", "python", "text")
def test_the_examples_of_resources_pass(pytester, run_markersteal):
    """And where a test of them dies, the summary is the one that the page shows."""
    write_examples(pytester, "docs/resources.md")
    pytester.makepyfile(
        shop_client="""
        class as_admin:
            def cancel_everything(self, name): pass
            def can_log_in(self, name): return False
        """
    )
    run_markersteal(n=2).assert_outcomes(passed=5)

    tests = pytester.path / "test_shop.py"
    login = "def test_login(resource):\n"
    dies = f"import os\n{tests.read_text()}".replace(login, f"{login}    os._exit(1)\n")
    tests.write_text(dies)
    result = run_markersteal(n=2)
    result.assert_outcomes(passed=3, failed=1)
    (said,) = blocks("docs/resources.md", "text")
    which = re.compile(r"'(alice|bob|carol)'|gw\d")
    printed = [which.sub("*", line) for line in result.outlines]
    for line in said.splitlines():
        assert which.sub("*", line) in printed


@pytest.mark.runs_examples("docs/sync.md", "python", "text")
def test_the_examples_of_sync_pass(pytester, run_pytest):
    """All but the last one, which fails with what the page says."""
    *passing, failing = blocks("docs/sync.md", "python")
    pytester.makepyfile(**{f"test_example_{n}": code for n, code in enumerate(passing)})
    result = run_pytest("-n2")
    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=5)

    result = run_pytest(str(pytester.makepyfile(test_failing=failing)))
    result.assert_outcomes(failed=1)
    (said,) = blocks("docs/sync.md", "text")
    assert said in result.stdout.str()


@pytest.mark.runs_examples("docs/caches.md", "ini", "python", "text")
def test_the_examples_of_caches_pass(pytester, run_pytest):
    """With its application, its ini file and without one, and with the error that it shows."""
    settings, prices, named, unnamed = blocks("docs/caches.md", "python")
    app = pytester.mkpydir("app")
    app.joinpath("settings.py").write_text(settings)
    app.joinpath("prices.py").write_text(prices)
    pytester.syspathinsert()
    run_pytest(str(pytester.makepyfile(test_unnamed=unnamed))).assert_outcomes(passed=1)

    (ini,) = blocks("docs/caches.md", "ini")
    path = str(pytester.makepyfile(test_named=named))
    pytester.makeini(ini)
    for options in ([], ["-n2", "--dist=markersteal"]):
        run_pytest(path, *options).assert_outcomes(passed=4)

    pytester.makeini(ini.replace("get_settings", "get_setings"))
    (said,) = blocks("docs/caches.md", "text")
    assert said in run_pytest(path).stderr.str()


@pytest.mark.runs_examples("docs/howto/pytest-asyncio.md", "ini", "python")
def test_the_examples_for_pytest_asyncio_pass(pytester, run_pytest):
    """As they are, on the workers that the ini block asks for."""
    page = "docs/howto/pytest-asyncio.md"
    (ini,) = blocks(page, "ini")
    pytester.makeini(ini)
    examples = blocks(page, "python")
    pytester.makepyfile(**{f"test_example_{n}": code for n, code in enumerate(examples)})
    result = run_pytest("--strict-markers", "-Werror", plugins=["asyncio"])
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*4 tests on 2 workers*"])


@pytest.mark.runs_examples("docs/plugins.md", "python")
def test_the_example_for_django_puts_back_what_migrations_put_in(pytester, run_pytest):
    """Tests that need it run after those that empty all tables, which it is written for."""
    suite = ROOT / "bench" / "plugin_suites" / "django"
    shutil.copytree(suite, pytester.path, dirs_exist_ok=True)
    conftest = pytester.path / "conftest.py"
    conftest.unlink()
    pytester.makepyfile(
        last_first="""
        import pytest

        @pytest.hookimpl(trylast=True)
        def pytest_collection_modifyitems(items):
            items.reverse()
        """
    )
    pytester.syspathinsert()

    def run(*args):
        return run_pytest("-plast_first", *args, plugins=["django"]).parseoutcomes()

    assert run() == {"passed": 20, "failed": 9}
    (code,) = blocks("docs/plugins.md", "python")
    conftest.write_text(code)
    assert run() == {"passed": 29}
    # One that is the last, so that the databases are gone at the end of its teardown.
    assert run("-klive_server") == {"passed": 1, "deselected": 28}


def test_the_page_of_plugins_has_all_of_the_matrix():
    """Each plugin in the version that is pinned, and what is exercised, in the same order."""
    code = """if True:
        from plugin_cases import CASES
        for case in CASES:
            print(f"| {case.plugin} {case.version} | {case.exercised} |")
    """
    command = [sys.executable, "-c", code]
    folder = ROOT / "bench"
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=True)
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    assert done.stdout.splitlines() == re.findall(r"^(\| \S+ \S+ \| [^|]+ \|) \d+ \|", page, re.M)


@pytest.mark.runs_examples("docs/corpus.md", "console", "text")
def test_the_commands_of_the_page_of_planted_faults_show_one(pytester, run_pytest):
    """Green as collected, and then the failure that the page has."""
    folder, green, shown = blocks("docs/corpus.md", "console")[0].splitlines()
    shutil.copytree(ROOT / folder.removeprefix("$ cd "), pytester.path, dirs_exist_ok=True)
    assert run_pytest(*green.split()[2:]).ret == pytest.ExitCode.OK
    result = run_pytest(*shown.split()[2:])
    (text,) = blocks("docs/corpus.md", "text")
    failed, summary = text.splitlines()
    assert failed.partition(" - ")[0] in result.stdout.str()
    assert summary.strip("= ").partition(" in ")[0] in result.outlines[-1]


def test_the_page_of_planted_faults_has_the_table_of_the_manifests():
    """As the script prints it."""
    command = [sys.executable, str(ROOT / "bench" / "corpus_table.py")]
    printed = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    assert printed.strip()
    assert printed in (ROOT / "docs" / "corpus.md").read_text(encoding="utf-8")


def test_the_readme_names_every_mark_and_every_make_target():
    """What the README promises is there."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^\$ make ([\w-]+)", readme, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for mark in ("serial", "no_parallel", "shared_resource", "xdist_group"):
        assert f"@pytest.mark.{mark}" in readme


def test_the_page_of_traces_lists_every_record():
    """With its number, and its fields in their order."""
    page = (ROOT / "docs/traces.md").read_text(encoding="utf-8")
    assert f"Version: {records.VERSION};" in page
    for number, kind in enumerate(get_args(records.Record)):
        fields = ", ".join(f"`{field.name}`" for field in dataclasses.fields(kind))
        assert f"| {number} | `{kind.__name__}` | {fields} |" in page
    outcomes = ", ".join(f"{number} {name}" for number, name in enumerate(names.OUTCOMES))
    assert outcomes in page


@pytest.mark.runs_examples("docs/replay.md", "console", "text")
def test_the_commands_of_the_page_on_replays_print_what_it_says(
    pytester, run_pytest, run_markersteal
):
    """Each of them, on a run of a shop one of whose tests has another name now."""
    pytester.makepyfile(
        test_order="""
        import pytest, time

        @pytest.mark.parametrize("n", range(6))
        def test_order(n): time.sleep(0.02)
        """,
        test_shop="def test_pay(): pass\ndef test_vat(): pass",
    )
    run_markersteal(n=2).assert_outcomes(passed=8)
    (trace,) = (pytester.path / ".markersteal" / "runs").glob("*.trace")
    trace.rename(pytester.path / "run.trace")
    pytester.makepyfile(test_shop="def test_pay(): pass\ndef test_tax(): pass")
    commands = [line.removeprefix("$ pytest ") for line in blocks("docs/replay.md", "console")]
    assert len(commands) == 3
    results = [run_pytest(*command.split()) for command in commands]
    assert [result.ret for result in results] == [pytest.ExitCode.OK] * 3
    (text,) = blocks("docs/replay.md", "text")
    wanted = [re.sub(r"\d", "0", line) for line in text.splitlines()]
    wanted[0] = wanted[0].partition(" -n ")[0]
    printed = [re.sub(r"\d", "0", line) for line in results[0].outlines]
    for line in wanted:
        assert any(shown.startswith(line) for shown in printed), line
    for result in results[1:]:
        result.stdout.fnmatch_lines(["replayed * of slot 1 of the run of *"])


@pytest.mark.runs_examples("docs/locate.md", "console", "python", "text")
def test_the_example_of_locate_prints_what_the_page_says(pytester, monkeypatch):
    """With the suite of the page: all but the numbers of the last line."""
    write_examples(pytester, "docs/locate.md")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist.plugin,pytest_markersteal.plugin")
    (command,) = blocks("docs/locate.md", "console")
    program, *arguments = command.removeprefix("$ ").split()
    assert program == "markersteal"
    result = pytester.run(sys.executable, "-m", "pytest_markersteal.cli", *arguments)
    assert result.ret == 0
    (text,) = blocks("docs/locate.md", "text")
    *wanted, _ = text.splitlines()
    *printed, last = result.outlines
    assert printed == wanted
    assert re.fullmatch(r"\d+ trials in [\d.]+ s", last)


@pytest.mark.runs_examples("docs/watch.md", "console", "python", "text")
def test_the_example_of_watching_prints_what_the_page_says(pytester, run_markersteal, witness):
    """With both tests at it at the same time, whatever else the machine does."""
    pytester.mkpydir("shop")
    write_examples(pytester, "docs/watch.md")
    # They wait for each other where the page only takes its time.
    pytester.makeconftest(
        """
        import witness, shop.export
        shop.export.sleep = lambda _: witness.meet("uploading", 2)
        """
    )
    (command,) = blocks("docs/watch.md", "console")
    options = command.removeprefix("$ pytest -n 2 --dist markersteal ").split()
    result = run_markersteal(*options, n=2)
    result.assert_outcomes(passed=4)
    printed = {_masked(line) for line in result.outlines}
    for block in blocks("docs/watch.md", "text"):
        for line in block.splitlines():
            assert _masked(line) in printed, line


def _masked(line: str) -> str:
    """Without numbers, and without what depends on which of two tests was first."""
    line = re.sub(r"\d+", "0", line.replace("created", "written"))
    if line.startswith("markersteal watch: "):
        line = " ".join(sorted(re.sub(r" on gw0", "", line).split()))
    return line


@pytest.mark.runs_examples("docs/propose.md", "console", "json", "python", "text", "toml")
def test_the_example_of_proposals_goes_from_findings_to_a_run_that_shows_it(pytester, run_command):
    """Each command prints what the page says, but for times, and the next one finds its work."""
    page = "docs/propose.md"
    for code in blocks(page, "python"):
        first_line, _, source = code.partition("\n")
        pytester.path.joinpath(first_line.removeprefix("# ")).write_text(source)
    (found,) = blocks(page, "json")
    pytester.path.joinpath("found.json").write_text(found)
    written, wider = blocks(page, "toml")
    proposed, applied, told, checked = blocks(page, "text")
    proposing, applying, checking = (block.strip() for block in blocks(page, "console"))

    assert run_command(proposing) == proposed
    run_command("markersteal propose --apply map")
    path = pytester.path / "markersteal.toml"
    assert path.read_text().endswith(written)
    with path.open("a") as file:
        file.write('"test_users.py::test_gone" = { serial = true }\n')
    assert told in pytester.runpytest_subprocess().stdout.str()
    path.write_text(wider)
    assert "'tests" in pytester.runpytest_subprocess().stdout.str()
    path.unlink()

    assert run_command(applying) == applied
    wanted, printed = (
        re.sub(r"[0-9.]+ s$", "", text.strip()) for text in (checked, run_command(checking))
    )
    assert printed == wanted


@pytest.mark.runs_examples("docs/audit.md", "console", "python", "text")
def test_the_example_of_an_audit_prints_what_the_page_says(pytester, run_command, run_markersteal):
    """But for figures, of which some are those of the machine."""
    page = "docs/audit.md"
    for code in blocks(page, "python"):
        first_line, _, source = code.partition("\n")
        path = pytester.path / first_line.removeprefix("# ")
        path.parent.mkdir(parents=True, exist_ok=True)
        # Longer, so that what a slow machine computes meanwhile is little beside it.
        path.write_text(source.replace("time.sleep(0.2)", "time.sleep(2)"))
    run_markersteal(plugins=["asyncio"]).assert_outcomes(passed=5)
    (audit,) = blocks(page, "console")
    (said,) = blocks(page, "text")

    def plain(text: str) -> list[str]:
        return [
            " ".join(re.sub(r"[0-9][0-9T.%-]*", "0", line).split()) for line in text.splitlines()
        ]

    # On a machine that is busy enough, pytest's own fixtures are dear.
    dear = ("The dearest fixtures", "Session fixtures set up by several workers")
    tables = run_command(audit).split("\n\n")
    assert plain("\n\n".join(one for one in tables if not one.startswith(dear))) == plain(said)


def test_the_page_of_audits_lists_every_field():
    """Of what is printed as JSON."""
    text = (ROOT / "docs/audit.md").read_text(encoding="utf-8")
    parts = (Audit, AsyncUse, FixtureUse, MarkUse, Reason, Risk, Run, Rule, Waiting, Fact)
    for name in {field.name for part in parts for field in dataclasses.fields(part)}:
        assert f"`{name}`" in text, name
