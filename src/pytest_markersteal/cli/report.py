"""Show a run, or two beside each other: as a page for the browser, for Perfetto, or as JSON.

The page is one file that works offline: the timeline of all slots, utilisation, predicted and
actual durations, the wall time on more and fewer workers, and why the run took so long.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pytest_markersteal.cli.progress import counted
from pytest_markersteal.cli.traces import newest, read_trace
from pytest_markersteal.cli.usage import OK, WRONG_USAGE, UsageError, one_of
from pytest_markersteal.report.as_json import as_json
from pytest_markersteal.report.findings import Findings, findings
from pytest_markersteal.report.perfetto import as_perfetto

HELP = "show a run as a page, for Perfetto, or as JSON"
USAGE = "[TRACE | --compare A B] [--format FORMAT] [-o FILE]"
EPILOG = f"""\
formats:
  html      a page for the browser (default); needs pip install 'pytest-markersteal[report]'
  perfetto  a trace for https://ui.perfetto.dev and chrome://tracing
  json      all that is known of the run, documented in docs/report.md

Every run with --dist markersteal leaves a trace in .markersteal/runs of pytest's rootdir.

examples:
  markersteal report
  markersteal report .markersteal/runs/2026-11-22T10-30-00.trace -o run.html
  markersteal report --compare before.trace after.trace
  markersteal report --format perfetto

exit codes: {OK} done, {WRONG_USAGE} wrong usage, or no trace that can be read
"""

HTML = "html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "trace",
        metavar="TRACE",
        nargs="?",
        type=Path,
        help="the trace of a run (default: the newest in .markersteal/runs)",
    )
    parser.add_argument(
        "--compare",
        metavar=("A", "B"),
        nargs=2,
        type=Path,
        help="show two runs on one time axis, and what differs most",
    )
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        type=one_of(_FORMATS),
        default=HTML,
        help=f"one of {', '.join(_FORMATS)}",
    )
    parser.add_argument(
        "-o",
        dest="output",
        metavar="FILE",
        type=Path,
        help="where to write it (default: markersteal-report.html, .perfetto.json or .json)",
    )


def run(chosen: argparse.Namespace) -> int:
    """Write the file and say where it is."""
    if chosen.compare and chosen.trace:
        raise UsageError(
            f"argument --compare: it names both runs; leave out {chosen.trace}, or --compare"
        )
    if chosen.compare and chosen.format != HTML:
        raise UsageError(
            f"argument --compare: only for --format {HTML}; for {chosen.format}, write each run "
            "to a file of its own"
        )
    ending, write, then = _FORMATS[chosen.format]
    paths = chosen.compare or [chosen.trace or newest()]
    text = write(paths)
    output = chosen.output or Path(f"markersteal-report{ending}")
    try:
        # Node ids may hold what UTF-8 can't; JSON and JavaScript read the escape as what it was.
        output.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise UsageError(
            f"can't write {output}: {error.strerror or error}; name a place that you may write to "
            "with -o"
        ) from error
    shown = then.format(uri=output.absolute().as_uri())
    print(f"wrote {output} ({output.stat().st_size / 1e6:.1f} MB); {shown}")
    return OK


def _html(paths: Sequence[Path]) -> str:
    if importlib.util.find_spec("bokeh") is None:
        raise UsageError(
            f"--format {HTML} needs Bokeh: pip install 'pytest-markersteal[report]', or take "
            "--format perfetto or json"
        )
    # Bokeh is not there for everybody, and takes long to import.
    from pytest_markersteal.report.page.assembly import page

    return page([_findings(path, _counted) for path in paths])


def _perfetto(paths: Sequence[Path]) -> str:
    (path,) = paths
    return as_perfetto(path.stem, read_trace(path))


def _json(paths: Sequence[Path]) -> str:
    (path,) = paths
    return as_json(_findings(path))


def _findings(
    path: Path, counted: Callable[[Iterable[int], int], Iterable[int]] | None = None
) -> Findings:
    try:
        return findings(path.stem, read_trace(path), counted)
    except ValueError as error:
        raise UsageError(f"can't show {path}: {error}; name the trace of another run") from error


def _counted(counts: Iterable[int], total: int) -> Iterable[int]:
    return counted(counts, total, "numbers of workers simulated")


_FORMATS: dict[str, tuple[str, Callable[[Sequence[Path]], str], str]] = {
    HTML: (".html", _html, "open it in a browser: {uri}"),
    "perfetto": (
        ".perfetto.json",
        _perfetto,
        "open it with https://ui.perfetto.dev or chrome://tracing",
    ),
    "json": (".json", _json, "what is in it: docs/report.md"),
}
"""By name: the ending of the file, what makes its text, and what to do with it then."""
