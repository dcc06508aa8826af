"""Draws docs/timeline.svg: the example suite with worksteal and with markersteal, on four workers.

    python bench/timeline.py

Both are real runs, of which each leaves a trace; markersteal has the durations of a run before.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.trace import folder
from pytest_markersteal.trace.model import Trace
from pytest_markersteal.trace.reader import read

ROOT = Path(__file__).parents[1]
SUITE = ROOT / "examples" / "shop"
PICTURE = ROOT / "docs" / "timeline.svg"
WORKERS = 4

_WIDTH = 760
_LEFT = 50
_RIGHT = 20
_LANE = 22
_BAR = 16
_HEAD = 34
_AXIS = 30
_LEGEND = 30
_LEAST_PX = 1.5
"""A test of less than a pixel is still one to be seen."""
_KINDS = {
    "free": "may run beside any other",
    "key": 'shared_resource("orders")',
    "serial": "serial",
    "alone": "no_parallel",
}
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 } .lane { text-anchor: end } .tick { text-anchor: middle }
.ground { fill: #ffffff } .line { stroke: #d0d7de }
.free { fill: #afb8c1 } .key { fill: #0969da } .serial { fill: #bc4c00 } .alone { fill: #8250df }
.failed { stroke: #cf222e; stroke-width: 2.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .ground { fill: #0d1117 } .line { stroke: #3d444d } .free { fill: #656c76 }
  .key { fill: #4493f8 } .serial { fill: #f0883e } .alone { fill: #ab7df8 }
  .failed { stroke: #ff7b72 }
}
"""


def main() -> None:
    """Run the suite, and draw."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        suite = Path(temporary, "shop")
        shutil.copytree(SUITE, suite, ignore=shutil.ignore_patterns("var", ".*", "__pycache__"))
        traced(suite, "markersteal")
        traces = {dist: traced(suite, dist) for dist in ("worksteal", "markersteal")}
    PICTURE.write_text(drawn(traces), encoding="utf-8")
    for dist, trace in traces.items():
        print(f"{dist}: {title(dist, trace)}")


def traced(suite: Path, dist: str) -> Trace:
    """The trace of a run of the ``suite``; tests may fail in it."""
    command = (sys.executable, "-m", "pytest", "-q", f"-n{WORKERS}", f"--dist={dist}")
    environment = {
        **{name: value for name, value in os.environ.items() if name != "CI"},
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_PLUGINS": "xdist.plugin,pytest_markersteal.plugin",
    }
    subprocess.run(
        [*command, "--markersteal-trace"],
        cwd=suite,
        env=environment,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    return read(folder.traces(suite)[-1])


def title(dist: str, trace: Trace) -> str:
    """What a run came to."""
    failed = sum(run.outcome in ("failed", "error") for run in trace.tests)
    took = f"--dist {dist}: {trace.ended_s - trace.began_s:.2f} s"
    return f"{took}, {failed or 'no'} test{'' if failed == 1 else 's'} failed"


def drawn(traces: dict[str, Trace]) -> str:
    """The picture of runs below each other, on one axis of time."""
    longest_s = max(trace.ended_s - trace.began_s for trace in traces.values())
    scale = (_WIDTH - _LEFT - _RIGHT) / longest_s
    rows: list[str] = []
    y = 0
    for dist, trace in traces.items():
        y += _HEAD
        rows.append(f'<text class="title" x="10" y="{y - 12}">{title(dist, trace)}</text>')
        rows += lanes(trace, y, scale)
        y += WORKERS * _LANE
    rows += axis(longest_s, y, scale)
    y += _AXIS
    rows += legend(y)
    y += _LEGEND
    ground = f'<rect class="ground" width="{_WIDTH}" height="{y}"/>'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" role="img">',
            f"<style>{_STYLE}</style>",
            ground,
            *rows,
            "</svg>\n",
        ]
    )


def lanes(trace: Trace, top: int, scale: float) -> Iterator[str]:
    """A lane for each slot, with a bar for each test."""
    for slot in range(WORKERS):
        y = top + slot * _LANE
        yield f'<text class="lane" x="{_LEFT - 8}" y="{y + 13}">gw{slot}</text>'
    for run in trace.tests:
        x = _LEFT + (run.span.since_s - trace.began_s) * scale
        y = top + trace.slot(run) * _LANE
        width = max(_LEAST_PX, run.span.seconds * scale - 0.5)
        name = escape(trace.ids[run.test])
        yield (
            f'<rect class="{kind(trace.demand(run.test))}" x="{x:.1f}" y="{y}" '
            f'width="{width:.1f}" height="{_BAR}"><title>{name}</title></rect>'
        )
        if run.outcome in ("failed", "error"):
            yield cross(x + width / 2, y + _BAR / 2)


def kind(demand: Demand) -> str:
    """What a test asks for, as a class of the style."""
    if demand.exclusive:
        return "alone"
    if demand.serial:
        return "serial"
    return "key" if demand.claims else "free"


def cross(x: float, y: float) -> str:
    """The mark of a test that failed."""
    return f'<path class="failed" d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8"/>'


def axis(longest_s: float, y: int, scale: float) -> Iterator[str]:
    """Half seconds."""
    for half in range(int(2 * longest_s) + 1):
        x = _LEFT + half / 2 * scale
        yield f'<path class="line" d="M{x:.1f} {y + 2}v5"/>'
        yield f'<text class="tick" x="{x:.1f}" y="{y + 20}">{half / 2:g} s</text>'


def legend(y: int) -> Iterator[str]:
    """What the colours mean."""
    x = _LEFT
    for name, says in _KINDS.items():
        yield f'<rect class="{name}" x="{x}" y="{y + 4}" width="12" height="12"/>'
        yield f'<text x="{x + 18}" y="{y + 14}">{escape(says)}</text>'
        x += 36 + 7 * len(says)
    yield cross(x + 6, y + 10)
    yield f'<text x="{x + 18}" y="{y + 14}">failed</text>'


if __name__ == "__main__":
    main()
