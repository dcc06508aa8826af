"""``markersteal durations``: what its commands print, write and refuse."""

from __future__ import annotations

import json
import os
import threading
from datetime import date
from pathlib import Path

import msgpack
import pytest

from pytest_markersteal.cli.durations.group import COMMANDS
from pytest_markersteal.cli.main import main
from pytest_markersteal.core.suite import Claim, Demand, Mode
from pytest_markersteal.durations import format as durations_format
from pytest_markersteal.durations.buckets import bucket_of
from pytest_markersteal.durations.format import FormatError
from pytest_markersteal.durations.history import (
    Buckets,
    Fixture,
    Function,
    History,
    Selection,
    Startup,
    Times,
)
from pytest_markersteal.durations.store import FILE, read, write
from pytest_markersteal.recording import drift

KEYED = Demand((Claim("db"), Claim("net", Mode.READ)))
NEWER = "of a newer version"
DAMAGED = {
    "empty": (b"", "it is empty"),
    "truncated": (None, "it is damaged"),
    "corrupt": (b"\x93\x01\x02\x03", "it is no durations file"),
    NEWER: (
        msgpack.packb({"format": durations_format.FORMAT, "version": 99}),
        "upgrade pytest-markersteal",
    ),
    "in conflict": (b"<<<<<<< HEAD\n\x87=======\n>>>>>>> b\n", "git checkout --ours"),
}


def spoil(path: Path, damage: str) -> None:
    """Do to the file what ``damage`` says."""
    whole = path.read_bytes()
    path.unlink()
    if damage in DAMAGED:
        content = DAMAGED[damage][0]
        path.write_bytes(whole[:-9] if content is None else content)
    elif damage == "a folder":
        path.mkdir()


def content_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def buckets(call_s: float) -> Buckets:
    return Buckets.of(Times(0.0, call_s, 0.0, call_s))


def history() -> History:
    return History(
        {
            "a.py::test_slow": Function(buckets(4.0), demands={"": KEYED}),
            "a.py::test_each": Function(buckets(0.5), 4, {"[big]": bucket_of(2.0)}),
            "sub/b.py::TestX::test_quick": Function(buckets(0.01)),
        },
        {Fixture("module", "a.py", "server"): bucket_of(1.5), Fixture("session", "", "all"): 20},
        {
            Selection("", ""): Startup(0.1, 0.5, 1.0, 0.0001, 0.5),
            Selection("gone", ""): Startup(*[0] * 5),
        },
        "linux-3.12",
        "2026-01-02",
    )


@pytest.fixture
def rootdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A rootdir with test files and their durations, as the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    for name in ("a.py", "sub/b.py"):
        (tmp_path / name).touch()
    write(FILE, history())
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    """What the command prints on both streams; it must end with ``code``."""
    try:
        found = main(["durations", *arguments])
    except SystemExit as end:
        found = int(str(end.code))
    captured = capsys.readouterr()
    assert found == code, captured
    return captured.out, captured.err


# show


def test_the_slowest_are_shown_first(rootdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests by the longest, the rest by the sum; with marks, and fixtures of wider scope."""
    lines = run(capsys, "show")[0].splitlines()
    assert lines[0].startswith("6 tests of 3 functions in 2 files: ")
    assert lines[1] == "written 2026-01-02, on linux-3.12"
    rows = [line.split() for line in lines if line]
    assert [row[-1] for row in rows[3:6]] == [
        "a.py::test_slow",
        "a.py::test_each",
        "sub/b.py::TestX::test_quick",
    ]
    assert [row[-1] for row in rows[7:9]] == ["a.py", "sub/b.py"]
    assert "server (module) of a.py" in lines[-6]
    assert "all (session) of the session" in lines[-5]
    assert lines[-2].endswith("1  shared_resource('db')")
    assert lines[-1].endswith("1  shared_resource('net', mode='read')")


def test_only_so_many_are_shown(rootdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And how many more there are."""
    text = run(capsys, "show", "-n", "1")[0]
    assert "a.py::test_slow" in text
    assert "a.py::test_each" not in text
    assert "... and 2 more" in text


def test_all_of_it_is_shown_as_json(rootdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In seconds."""
    content = json.loads(run(capsys, "show", "--json", "-n", "1")[0])
    assert content["all"]["tests"] == 6
    each = next(one for one in content["functions"] if one["name"] == "a.py::test_each")
    assert each["tests"] == 4
    assert each["longest_s"] == pytest.approx(2.0, rel=0.1)
    assert each["total_s"] == pytest.approx(3.5, rel=0.1)
    assert [fixture["name"] for fixture in content["fixtures"]] == ["server", "all"]
    assert {one["name"] for one in content["marks"]} == {
        "shared_resource('db')",
        "shared_resource('net', mode='read')",
    }


# diff


def test_two_files_are_compared(rootdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """New, gone and changed; the exit code is that of diff."""
    functions = dict(history().functions)
    functions["a.py::test_slow"] = Function(buckets(9.0))
    functions["a.py::test_new"] = functions.pop("sub/b.py::TestX::test_quick")
    write(Path("other"), History(functions, history().fixtures, history().startups, "linux-3.12"))
    text, _ = run(capsys, "diff", FILE.as_posix(), "other", code=1)
    lines = text.splitlines()
    assert lines[0].startswith("~ a.py::test_slow  ")
    assert {line.partition("  ")[0] for line in lines[1:3]} == {
        "+ a.py::test_new",
        "- sub/b.py::TestX::test_quick",
    }
    assert lines[3].startswith("1 new, 1 gone, 1 changed; all tests: ")
    back = json.loads(run(capsys, "diff", "other", "--json", code=1)[0])["differences"]
    assert {one["name"] for one in back if one["before_s"] is None} == {
        "sub/b.py::TestX::test_quick"
    }


def test_another_day_is_no_difference(rootdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All else is the same."""
    same = history()
    write(Path("other"), History(same.functions, same.fixtures, same.startups, same.platform, "x"))
    assert run(capsys, "diff", "other")[0] == "no difference\n"


def test_a_revision_that_is_taken_for_a_file(
    rootdir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """How to compare with a commit is told."""
    with pytest.raises(SystemExit):
        main(["durations", "diff", "HEAD~1"])
    assert "there is no file HEAD~1; to compare with a commit: --revision HEAD~1" in (
        capsys.readouterr().err
    )


# prune


def test_what_is_of_no_file_is_dropped(rootdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its fixtures and start-ups; and it is said what."""
    (rootdir / "a.py").unlink()
    before = FILE.read_bytes()
    text = run(capsys, "prune", "--dry-run")[0]
    assert "would drop 2 of 3 functions" in text
    assert FILE.read_bytes() == before
    text = run(capsys, "prune")[0]
    for name in ("a.py::test_slow", "a.py::test_each", "module fixture server", "start of gone"):
        assert f"- {name}" in text
    left = read(FILE)
    assert left.functions.keys() == {"sub/b.py::TestX::test_quick"}
    assert left.fixtures.keys() == {Fixture("session", "", "all")}
    assert left.startups.keys() == {Selection("", "")}
    assert left.written == date.today().isoformat()
    assert run(capsys, "prune")[0] == f"nothing to drop from {FILE}\n"


def test_what_was_not_collected_is_dropped(
    rootdir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Functions, and parameters of functions."""
    ids = "a.py::test_each[a]\na.py::test_each[b]\n\n2 tests collected in 0.1s\nb.py::not_one\n"
    (rootdir / "ids").write_text(ids)
    text = run(capsys, "prune", "--collected", "ids")[0]
    assert "~ a.py::test_each" in text
    left = read(FILE)
    assert left.functions == {"a.py::test_each": Function(buckets(0.5), 2)}
    assert Fixture("module", "a.py", "server") in left.fixtures
    (rootdir / "ids").write_text(f"{ids}ERROR b.py - ImportError: no\n")
    message = run(capsys, "prune", "--collected", "ids", code=2)[1]
    assert "ids lacks tests that could not be collected (ERROR b.py - ImportError: no)" in message
    assert read(FILE) == left
    (rootdir / "ids").write_text("a.py: 3\n")
    message = run(capsys, "prune", "--collected", "ids", code=2)[1]
    assert "ids has no node ids; make it with 'pytest --collect-only -q > ids'" in message


# merge


def test_files_of_parallel_jobs_are_joined(
    rootdir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each job began with the committed file, and learned something else."""
    for job in ("1", "2"):
        more = {f"a.py::test_{job}": Function(buckets(1.0))}
        write(Path(job), History({**history().functions, **more}, written=f"2026-02-0{job}"))
    text = run(capsys, "merge", "-o", str(FILE), "1", "2")[0]
    assert text == f"{FILE}: 8 tests, from 2 files\n"
    merged = read(FILE)
    assert merged.functions.keys() == {*history().functions, "a.py::test_1", "a.py::test_2"}
    assert (merged.platform, merged.written) == ("linux-3.12", "2026-02-02")
    assert run(capsys, "merge", "-o", str(FILE), "1", "2")[0] == text
    assert read(FILE) == merged
    assert run(capsys, "merge", "-o", "new", "1", "2", "1")[0] == "new: 8 tests, from 3 files\n"
    (rootdir / "3").write_bytes(b"")
    message = run(capsys, "merge", "-o", "new", "1", "3", code=2)[1]
    assert "can't use 3: it is empty" in message
    assert "-o OUT" in run(capsys, "merge", "1", "2", code=2)[1]


@pytest.mark.parametrize("damage", [*(one for one in DAMAGED if one != NEWER), "missing"])
def test_the_driver_never_loses_a_side_that_can_be_read(
    rootdir: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    """Whichever of the three is damaged, and whatever is wrong with it."""
    good = FILE.read_bytes()
    for bad in (["base"], ["ours"], ["theirs"], ["base", "ours"], ["base", "theirs"]):
        for name in ("base", "ours", "theirs"):
            write(Path(name), history())
            if name in bad:
                spoil(Path(name), damage)
        errors = run(capsys, "merge", "base", "ours", "theirs")[1]
        assert Path("ours").read_bytes() == good
        assert ("our side is left out" in errors) == ("ours" in bad)
        assert ("their side is left out" in errors) == ("theirs" in bad)


@pytest.mark.parametrize("damage", [*DAMAGED, "missing"])
def test_the_driver_leaves_two_damaged_sides_as_they_are(
    rootdir: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    """There is nothing better to put in their place, and git must not stop."""
    write(Path("base"), history())
    for name in ("ours", "theirs"):
        write(Path(name), history())
        spoil(Path(name), damage)
    before = content_of(Path("ours"))
    run(capsys, "merge", "base", "ours", "theirs")
    assert content_of(Path("ours")) == before


def test_the_driver_leaves_what_a_newer_version_wrote(
    rootdir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not known what is in it."""
    for name in ("base", "ours", "theirs"):
        write(Path(name), history())
    spoil(Path("ours"), NEWER)
    before = Path("ours").read_bytes()
    assert "our side is left out" in run(capsys, "merge", "base", "ours", "theirs")[1]
    assert Path("ours").read_bytes() == before


# export


def test_text_has_a_line_for_each_value(rootdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sorted by name."""
    assert run(capsys, "export")[0].splitlines() == [
        "# durations of linux-3.12, written 2026-01-02",
        "a.py::test_each  0.499 s each of 4 tests",
        "a.py::test_each[big]  2.00 s",
        "a.py::test_slow  4.01 s  shared_resource('db')  shared_resource('net', mode='read')",
        "sub/b.py::TestX::test_quick  0.0091 s",
        "module fixture server of a.py  1.42 s",
        "session fixture all of the session  0.0607 s",
        "start of .  0.103 s to launch a worker, 0.499 s to be ready, 1.00 s to collect, "
        "0.103 s for 1,000 reports, tests wait 50% of their time",
        "start of gone  0 s to launch a worker, 0 s to be ready, 0 s to collect, "
        "0 s for 1,000 reports, tests wait 0% of their time",
    ]


def test_pytest_split_gets_what_has_a_name(
    rootdir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What has none is counted, and named by --collected."""
    text, errors = run(capsys, "export", "--format", "pytest-split")
    assert json.loads(text).keys() == {
        "a.py::test_each[big]",
        "a.py::test_slow",
        "sub/b.py::TestX::test_quick",
    }
    assert "left out 3 tests: the file does not have their names" in errors
    (rootdir / "ids").write_text("a.py::test_each[big]\na.py::test_each[other]\na.py::test_new\n")
    arguments = ("export", "--format", "pytest-split", "--collected", "ids")
    text, errors = run(capsys, *arguments)
    assert json.loads(text) == pytest.approx(
        {"a.py::test_each[big]": 2.0, "a.py::test_each[other]": 0.5}, rel=0.01
    )
    assert "left out 1 test of which nothing is known" in errors
    assert (
        "only for --format pytest-split" in run(capsys, "export", "--collected", "ids", code=2)[1]
    )


def test_json_has_all_in_seconds(rootdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a version of its own."""
    content = json.loads(run(capsys, "export", "--format", "json")[0])
    assert content["version"] == 1
    each = content["functions"]["a.py::test_each"]
    assert each["tests"] == 4
    assert each["own_s"]["[big]"] == pytest.approx(2.0, rel=0.01)
    assert content["functions"]["a.py::test_slow"]["marks"][""][0] == "shared_resource('db')"
    assert content["startups"][0]["waiting_share"] == 0.5


# import


def test_what_can_not_be_placed_is_named(rootdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And the rest is taken; what is known already is as a run would have it."""
    (rootdir / "split").write_text(json.dumps({"a.py::test_new": 3.0, "gone.py::test_x": 1.0}))
    text = run(capsys, "import", "split")[0]
    assert f"1 of no file under {rootdir}: gone.py::test_x" in text
    after = read(FILE)
    assert after.functions.keys() == {*history().functions, "a.py::test_new"}
    assert after.functions["a.py::test_slow"] == history().functions["a.py::test_slow"]
    times = after.times("a.py::test_new")
    assert times is not None
    assert times.cpu_s == times.total_s == pytest.approx(3.0, rel=0.1)


def test_a_known_test_keeps_how_it_divides_its_time(
    rootdir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other tools know the whole only, and nothing of CPU time."""
    waits = Buckets.of(Times(0.5, 0.4, 0.1, 0.1))
    write(FILE, History({"a.py::t": Function(waits)}))
    (rootdir / "split").write_text(json.dumps({"a.py::t": 10.0}))
    run(capsys, "import", "split")
    times = read(FILE).times("a.py::t")
    assert times is not None
    assert times.total_s > 2.5
    assert times.setup_s / times.total_s == pytest.approx(0.5, abs=0.1)
    assert times.cpu_s / times.total_s == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "none of the formats"),
        (b"[pytest]\naddopts = -q\n", "there are pytest-split's"),
        (b'{"a.py::t": "fast"}', "'fast' where there should be seconds"),
        (b'{"a.py::t": -5}', "'-5' where there should be seconds"),
        (b"<html></html>", "of <html> and not of JUnit"),
        (b"<testsuite><testcase", "damaged XML"),
        (b"<!DOCTYPE a><testsuite/>", "a document type"),
        (b"<testsuite/>", "no test to take"),
        (b'{"gone.py::t": 1}', "no test to take"),
        (None, "No such file"),
    ],
)
def test_what_can_not_be_imported_is_named(
    rootdir: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, why: str
) -> None:
    """With its file and the reason; nothing is written."""
    before = FILE.read_bytes()
    if content is not None:
        (rootdir / "source").write_bytes(content)
    message = run(capsys, "import", "source", code=2)[1].splitlines()[-1]
    assert "source" in message
    assert why in message
    assert FILE.read_bytes() == before


# doctor


def test_the_doctor_tells_what_to_do(rootdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """About tests that are gone, and a run that a new file would have made faster."""
    text = run(capsys, "doctor")[0]
    assert "6 tests of 3 functions" in text
    assert "age: written 2026-01-02, " in text
    assert "drift: unknown" in text
    assert f"{FILE}: all is well" in text
    (rootdir / "a.py").unlink()
    drift.keep(rootdir, drift.Drift(10, 3, 1.0, 60.0, 50.0), "2026-11-20")
    text = run(capsys, "doctor", code=1)[0]
    assert "DO  stale: 83% of the tests are of files that are gone\n    -> run 'markersteal" in text
    assert "(2026-11-20) would take 50.0 s instead of 60.0 s; 3 of its 10 tests are new" in text
    assert "--markersteal-record=always" in text
    content = json.loads(run(capsys, "doctor", "--json", code=1)[0])
    later = (rootdir / drift.FILE).stat().st_mtime_ns + 10**9
    os.utime(FILE, ns=(later, later))
    assert "the file is newer than what the latest run" in run(capsys, "doctor", code=1)[0]
    assert not content["ok"]
    assert {check["name"] for check in content["checks"] if check["remedy"]} == {"stale", "drift"}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("[" * 100_000, id="too deep"),
        '{"version": 1, "day": "", "tests": 1, "new": 0, "machine_ratio": 1, "before_s": 2, '
        '"after_s": "1"}',
    ],
)
@pytest.mark.usefixtures("rootdir")
def test_the_doctor_does_without_what_the_latest_run_told_if_it_is_damaged(
    content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As if there had been none."""
    drift.FILE.parent.mkdir(parents=True)
    drift.FILE.write_text(content, encoding="ascii")
    later_ns = FILE.stat().st_mtime_ns + 10**9
    os.utime(drift.FILE, ns=(later_ns, later_ns))
    assert "drift: unknown, as no run here has told yet" in run(capsys, "doctor")[0]


@pytest.mark.parametrize("damage", [*DAMAGED, "missing"])
def test_the_doctor_knows_what_is_wrong_with_a_file(
    rootdir: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    """And what to do about it; it says so by its exit code, and no error."""
    spoil(FILE, damage)
    _, why = DAMAGED.get(damage, (b"", "No such file"))
    text = run(capsys, "doctor", code=1)[0]
    assert "DO  file: it can't be used: " in text
    assert why in text


# all


@pytest.mark.parametrize("damage", [*DAMAGED, "missing", "a folder"])
@pytest.mark.parametrize("command", ["show", "diff", "prune", "export", "import"])
def test_a_file_that_can_not_be_used_is_named_with_a_remedy(
    rootdir: Path, capsys: pytest.CaptureFixture[str], command: str, damage: str
) -> None:
    """By every command that needs it."""
    arguments = [command]
    if command in ("diff", "import"):
        (rootdir / "split").write_text(json.dumps({"a.py::t": 1.0}))
        write(Path("other"), history())
        arguments.append({"diff": "other", "import": "split"}[command])
    spoil(FILE, damage)
    why = {
        "missing": "run 'pytest -n auto --dist markersteal'",
        "a folder": "make it a file",
        **{name: reason for name, (_, reason) in DAMAGED.items()},
    }[damage]
    if (command, damage) == ("import", "missing"):
        run(capsys, *arguments)
        assert read(FILE).functions.keys() == {"a.py::t"}
        return
    usage, message = run(capsys, *arguments, code=2)[1].splitlines()
    assert usage.startswith(f"usage: markersteal durations {command}")
    assert str(FILE) in message
    assert why in message


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_and_exit_codes(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """Of every command."""
    text = run(capsys, command, "--help")[0]
    assert f"\n  markersteal durations {command}" in text
    assert "\nexit codes" in text
    assert "\x1b" not in text
    assert f"\n    {command}" in run(capsys, "--help")[0]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "required: COMMAND"),
        (("nope",), "'nope'"),
        (("show", "-n", "0"), "'0' is not a whole number of at least 1"),
        (("diff", "a", "b", "c"), "name two at most"),
        (("diff", "a", "--revision", "HEAD"), "--revision"),
        (("export", "--format", "nope"), "choose from text, json, pytest-split"),
        (("import",), "SOURCE"),
    ],
)
def test_wrong_usage_is_named(
    rootdir: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], why: str
) -> None:
    """With what there is."""
    assert why in run(capsys, *arguments, code=2)[1]


def test_a_file_that_is_replaced_meanwhile_is_read_whole(tmp_path: Path) -> None:
    """Whoever reads while others write gets one of the versions, never half of one."""
    path = tmp_path / "durations"
    versions = [
        History({f"a.py::t{n}": Function(buckets(1.0)) for n in range(size)}) for size in (5, 3000)
    ]
    write(path, versions[0])
    done = threading.Event()

    def rewrite() -> None:
        while not done.is_set():
            for version in versions:
                write(path, version)

    writers = [threading.Thread(target=rewrite) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        assert all(read(path) in versions for _ in range(50))
    except FormatError as error:
        pytest.fail(f"half a file was read: {error}")
    finally:
        done.set()
        for writer in writers:
            writer.join()
    assert [file.name for file in tmp_path.iterdir()] == ["durations"]
