"""The site of the documentation: it builds, it is whole, and it needs nothing from elsewhere."""

from __future__ import annotations

import html
import inspect
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

import pytest
from doc_pages import ROOT

from pytest_markersteal import hookspecs
from pytest_markersteal.cli.main import main

pytestmark = pytest.mark.xdist_group("site")

SOURCES = ROOT / "src" / "pytest_markersteal"
PASSING = {
    "distribution.protocol": "between the processes of one run",
    "races.trials.results": "in a temporary folder, as long as a command runs",
    "races.watch.footprint": "between the processes of one run",
}
"""Modules that have a version of what no user sees, and where it is."""

LOADED = {"audio", "embed", "iframe", "img", "input", "link", "object", "script", "source", "video"}
"""Elements whose addresses a browser loads by itself, unlike that of a link that is followed."""


class Addresses(HTMLParser):
    """Collects what a browser loads for a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = ("src", "href", "srcset", "data", "poster")
        self.found += [value or "" for name, value in attrs if tag in LOADED and name in names]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as ``make docs`` does."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet"),
            *(str(ROOT / "docs"), str(folder)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def text_of(page: Path) -> str:
    """What a page says, without its markup."""
    body = page.read_text(encoding="utf-8").partition("<article")[2].partition("</article>")[0]
    return html.unescape(re.sub(r"<[^>]*>", "", body)).replace("¶", "")


def printed_by_pytest(folder: Path, option: str) -> str:
    """What pytest prints in an empty folder, with no plugin but this one."""
    command = [sys.executable, "-m", "pytest", "-p", "pytest_markersteal.plugin", option]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    """Neither pages nor styles: no fonts, no scripts, no pictures."""
    pages = list(site.rglob("*.html"))
    assert len(pages) > 50
    for page in pages:
        addresses = Addresses()
        addresses.feed(page.read_text(encoding="utf-8"))
        assert addresses.found
        for address in addresses.found:
            assert not re.match(r"(\w+:)?//", address), (page, address)
    for style in site.rglob("*.css"):
        for address in re.findall(r"(?:url\(|@import)\s*[\"']?([^\"')]*)", style.read_text()):
            assert not re.match(r"(\w+:)?//", address), (style, address)


def test_links_of_the_readme_lead_somewhere(site: Path) -> None:
    """To files that are there, and to headings that the pages have."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]*)\)", readme) if "://" not in link]
    assert links
    for link in links:
        path, _, anchor = link.partition("#")
        assert (ROOT / path).exists(), link
        if anchor:
            page = site / Path(path).relative_to("docs").with_suffix(".html")
            assert f'id="{anchor}"' in page.read_text(encoding="utf-8"), link


def test_every_option_and_ini_value_is_in_the_reference(site: Path, tmp_path: Path) -> None:
    """As ``pytest --help`` has them."""
    helped = printed_by_pytest(tmp_path, "--help")
    own = helped.partition("\npytest-markersteal:\n")[2].partition("\n\n")[0]
    options = set(re.findall(r"^  (--[\w-]+)", own, re.MULTILINE))
    ini = set(re.findall(r"^  (markersteal_\w+) \(", helped, re.MULTILINE))
    assert len(options) >= 8
    assert len(ini) >= 12
    for page, names in (("options", options), ("ini", ini)):
        text = text_of(site / "reference" / f"{page}.html")
        assert names <= set(re.findall(r"[\w-]+", text))


def test_every_mark_is_in_the_reference(site: Path, tmp_path: Path) -> None:
    """As ``pytest --markers`` has them."""
    listed = printed_by_pytest(tmp_path, "--markers")
    found = set(re.findall(r"@pytest\.mark\.(\w+).*pytest-markersteal\)", listed))
    assert len(found) == 4
    text = text_of(site / "reference" / "marks.html")
    for name in found:
        assert f"@pytest.mark.{name}" in text


def test_every_fixture_is_in_the_reference_with_its_scope(site: Path, tmp_path: Path) -> None:
    """As ``pytest --fixtures`` has them."""
    listed = printed_by_pytest(tmp_path, "--fixtures")
    found = re.findall(r"^(\w+)(?: \[(\w+) scope\])? -- .*pytest_markersteal", listed, re.MULTILINE)
    assert len(found) >= 8
    text = text_of(site / "reference" / "fixtures.html")
    for name, scope in found:
        own = re.search(rf"^{name}$(?:.*?)^Scope: (\w+)\.", text, re.MULTILINE | re.DOTALL)
        assert own is not None, name
        assert own[1] == (scope or "function"), name


def test_every_hook_is_in_the_reference(site: Path) -> None:
    """All functions of the module that declares them."""
    found = [name for name, _ in inspect.getmembers(hookspecs, inspect.isfunction)]
    text = text_of(site / "reference" / "hooks.html")
    assert found
    for name in found:
        assert f"def {name}(" in text


def test_every_command_is_in_the_reference_with_its_exit_codes(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As ``--help`` has them, of groups too."""
    commands = text_of(site / "reference" / "commands.html")
    codes = text_of(site / "reference" / "exit-codes.html")
    waiting: list[tuple[str, ...]] = [()]
    seen = 0
    while waiting:
        names = waiting.pop()
        with pytest.raises(SystemExit):
            main([*names, "--help"])
        helped = capsys.readouterr().out
        listed = helped.partition("  COMMAND\n")[2].partition("\n\n")[0]
        waiting += [(*names, name) for name in re.findall(r"^    ([\w-]+)", listed, re.MULTILINE)]
        if names:
            seen += 1
            command = " ".join(["markersteal", *names])
            assert re.search(rf"^{command}$", commands, re.MULTILINE), command
            said = " ".join(helped.rpartition("exit codes")[2].split())
            own = re.search(rf"^{command}$\s*(.*)$", codes, re.MULTILINE)
            wanted = re.findall(r"(?:^|, |: )(\d+) ", said)
            assert bool(wanted) == (own is not None), command
            if own is not None:
                assert re.findall(r"(?:^|; )(\d+) ", own[1]) == wanted, command
    assert seen >= 17


@pytest.mark.parametrize("module", ["pytest_markersteal", "pytest_markersteal.sync"])
def test_everything_that_can_be_imported_is_in_the_reference(site: Path, module: str) -> None:
    """All names that the module exports."""
    text = text_of(site / "reference" / "python.html")
    for name in set(import_module(module).__all__) - {"__version__"}:
        assert re.search(rf"^(?:class |exception )?{name}\b", text, re.MULTILINE), name


def test_every_variable_is_in_the_reference(site: Path) -> None:
    """And none that the sources don't have."""
    sources = "".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py"))
    own = set(re.findall(r'"((?:PYTEST_)?MARKERSTEAL_[A-Z]+)"', sources))
    read = set(re.findall(r'environ\.get\("([A-Z_]+)"', sources))
    text = text_of(site / "reference" / "variables.html")
    told = set(re.findall(r"^([A-Z_]{2,})$", text, re.MULTILINE))
    xdist_and_pytest_set = {"PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"}
    assert own | read - xdist_and_pytest_set | {"PYTEST_XDIST_AUTO_NUM_WORKERS"} == told


def test_every_version_of_a_format_is_in_the_reference(site: Path) -> None:
    """Of all modules that have one, but those of which no user sees anything."""
    text = text_of(site / "reference" / "files.html")
    found = {}
    for path in SOURCES.rglob("*.py"):
        version = re.search(r"^_?(?:JSON_)?VERSION = (\d+)", path.read_text(encoding="utf-8"), re.M)
        if version:
            name = ".".join(path.relative_to(SOURCES).with_suffix("").parts)
            found[name] = version[1]
    assert PASSING.keys() <= found.keys()
    rows = re.findall(r"^(?:msgpack|JSON|TOML)\n.*\n(\d+)$", text, re.MULTILINE)
    assert sorted(rows) == sorted(found[name] for name in found.keys() - PASSING)
