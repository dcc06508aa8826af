"""``markersteal report``: what it writes, says and refuses."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest
from doc_pages import blocks
from traces import Ran, trace_of

from pytest_markersteal.cli import report
from pytest_markersteal.cli.main import main
from pytest_markersteal.report.as_json import as_json
from pytest_markersteal.report.findings import findings
from pytest_markersteal.trace import records
from pytest_markersteal.trace.folder import own_folder
from pytest_markersteal.trace.format import encoder

PAGE = Path(__file__).parents[2] / "docs" / "report.md"

HEAD = records.Head(
    records.FORMAT,
    records.VERSION,
    "2026-01-02T03:04:05+00:00",
    ["-n", "2"],
    "markersteal",
    2,
    4,
    "linux-3.12",
    None,
    {"python": "3.12.0"},
)
NO_TEST = records.Tests([], [], [], {}, [])
ONE_TEST = records.Tests(["test_it.py::test_one"], [[[], False, False, None]], [0], {}, [-1])
WORKER = records.Worker("gw0", 0, 0, 10, 20, 30)
RAN = records.Finished(0, 0, 30, 90, 60, 5, 0, [0, 0, 10, 1, 10, 50, 2, 50, 60], [], [], False)
END = records.End(100, 0, None)


def write(path: Path, *run: records.Record) -> Path:
    """A trace of these records."""
    encode = encoder()
    path.write_bytes(b"".join(map(encode, run)))
    return path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the traces of two runs, of which the second did more."""
    monkeypatch.chdir(tmp_path)
    runs = own_folder(tmp_path)
    write(runs / "2026-01-02T03-04-05.trace", HEAD, ONE_TEST, WORKER, RAN, END)
    write(runs / "2026-01-02T03-04-06.trace", HEAD, ONE_TEST, WORKER, RAN, END)
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said to somebody who asks for what can't be done."""
    with pytest.raises(SystemExit) as exit_info:
        main(["report", *arguments])
    assert exit_info.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("form", ["json", "perfetto"])
def test_the_newest_run_is_taken(
    project: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """It is written below the current folder, and the line says where, and what to do with it."""
    assert main(["report", "--format", form]) == 0
    ending = {"json": ".json", "perfetto": ".perfetto.json"}[form]
    assert capsys.readouterr().out.startswith(f"wrote markersteal-report{ending} (0.0 MB); ")
    assert "2026-01-02T03-04-06" in (project / f"markersteal-report{ending}").read_text()


def test_the_page_is_written_and_says_how_to_open_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the address that a browser takes."""
    assert main(["report", "-o", "one.html"]) == 0
    written = project / "one.html"
    assert written.as_uri() in capsys.readouterr().out
    assert "<title>2026-01-02T03-04-06 - markersteal report</title>" in written.read_text()


def test_the_page_asks_for_the_extra(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Bokeh is missing the error says what to install, and what does without."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "bokeh" else find(name)
    )
    error = refused(capsys)
    assert "pip install 'pytest-markersteal[report]'" in error
    assert "--format perfetto or json" in error
    assert main(["report", "--format", "json"]) == 0


def test_without_a_trace_it_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a folder without runs."""
    monkeypatch.chdir(tmp_path)
    error = refused(capsys)
    assert "no trace in .markersteal/runs" in error
    assert "pytest -n auto --dist markersteal" in error


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "there is no "),
        (b"", "it is empty"),
        (b"[pytest]\n", "does not begin as"),
        (encoder()(HEAD).replace(bytes([records.VERSION]), b"\x63", 1), "it has version 99"),
        (encoder()(HEAD), "ends before the tests were collected"),
        (encoder()(HEAD) + encoder()(NO_TEST), "no test of it ended"),
    ],
)
def test_what_is_no_trace_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, says: str
) -> None:
    """With the path, the reason, and what to name instead."""
    path = tmp_path / "some.trace"
    if content is not None:
        path.write_bytes(content)
    error = refused(capsys, str(path), "--format", "json")
    assert str(path) in error
    assert says in error
    assert "name" in error


def test_a_run_can_not_be_named_beside_two(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor are two runs written in a format that holds one."""
    both = ["--compare", *map(str, sorted((project / ".markersteal/runs").glob("*.trace")))]
    assert "leave out a.trace" in refused(capsys, "a.trace", *both)
    assert "only for --format html" in refused(capsys, *both, "--format", "json")


def test_a_place_that_can_not_be_written_is_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With -o as the way out."""
    error = refused(capsys, "--format", "json", "-o", "missing/report.json")
    assert "can't write missing" in error
    assert "-o" in error


def test_the_example_of_help_is_a_command() -> None:
    """All of the examples parse."""
    parser = report.argparse.ArgumentParser()
    report.add_arguments(parser)
    examples = re.findall(r"^  markersteal report(.*)$", report.EPILOG, re.MULTILINE)
    assert len(examples) >= 3
    for example in examples:
        parser.parse_args(example.split())


@pytest.mark.runs_examples("docs/report.md", "console")
def test_the_commands_of_the_page_do_what_it_says(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They print the same, but for the size of the file and the folder that it is in."""
    for number, name in enumerate(("main.trace", "branch.trace"), 5):
        trace = project / f".markersteal/runs/2026-01-02T03-04-0{number}.trace"
        (project / name).write_bytes(trace.read_bytes())
    shown = "".join(blocks("docs/report.md", "console"))
    examples = re.findall(r"^\$ markersteal report(.*)\n(.+)$", shown, re.MULTILINE)
    assert len(examples) == 4
    for arguments, says in examples:
        assert main(["report", *arguments.split()]) == 0
        said = capsys.readouterr().out.strip().replace(project.as_uri(), "file:///home/me/shop")
        assert re.sub(r"[\d.]+ MB", "", said) == re.sub(r"[\d.]+ MB", "", says)


def test_the_page_about_json_names_every_field() -> None:
    """docs/report.md has a line for each field of each object, and for none that isn't there."""
    trace = trace_of(Ran(0, 1.0, 3.0), Ran(1, 1.0, 2.0, fixtures=()))
    content = json.loads(as_json(findings("a", trace)))
    documented = PAGE.read_text(encoding="utf-8").partition("## JSON\n")[2]
    tables = {
        name: {
            field
            for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
            for field in re.findall(r"`(\w+)`", row)
        }
        for name, text in re.findall(
            r"^### (\w+)\n(.*?)(?=^##|\Z)", documented, re.MULTILINE | re.DOTALL
        )
    }
    assert tables["run"] == content.keys()
    assert tables["workers"] == content["workers"][0].keys()
    assert tables["tests"] == content["tests"][0].keys()
    assert tables["idle"] == content["idle"][0].keys()
    assert tables["commands"] == content["commands"][0].keys()
    assert tables["explain"] == content["explain"].keys()


def test_json_has_the_times_of_the_trace() -> None:
    """In seconds, by test, with its phases and why workers were idle."""
    trace = trace_of(Ran(0, 1.0, 3.5), Ran(1, 1.0, 2.0))
    content = json.loads(as_json(findings("a", trace)))
    first = content["tests"][0]
    assert (first["id"], first["since_s"], first["until_s"]) == ("test_it.py::test_0", 1.0, 3.5)
    assert content["idle"][-1]["since_s"] == 2.0
    assert content["idle"][-1]["cause"] == "nothing left"
    assert content["explain"]["wall_s"] == 2.5
    causes = sum(cause["seconds"] for cause in content["explain"]["gap"])
    assert causes == pytest.approx(2.5 - content["explain"]["floor_s"])
