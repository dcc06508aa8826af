"""How fast the report of 100,000 tests is, and the same timeline by other libraries.

    python -m pip install plotly
    python bench/report_libraries.py

Writes a trace of 100,000 tests, its timeline by Bokeh (canvas and WebGL) and by Plotly (bars, and
lines in WebGL, as it has no bars there), and the report itself. Opens each in headless Chromium,
one after another, up to five times, and prints medians: seconds from navigation until it is drawn;
milliseconds between frames while the wheel zooms, the median and the longest; and until all is
drawn after one step of zoom. Takes minutes. docs/decisions/0016-plotting-library.md has the result.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import large_trace
import numpy as np
import plotly.graph_objects as plotly
from bokeh.embed import file_html
from bokeh.models import LinearColorMapper
from bokeh.plotting import figure
from bokeh.resources import INLINE
from playwright.sync_api import Browser, Page, sync_playwright

from pytest_markersteal.cli.main import main
from pytest_markersteal.report.page.colours import LIGHT, SHADES
from pytest_markersteal.report.page.columns import columns_of, words_of
from pytest_markersteal.report.page.timeline import source_of
from pytest_markersteal.trace.model import Trace
from pytest_markersteal.trace.reader import read

REPEATS = {"Plotly, bars": 1, "Plotly, WebGL lines": 3}
"""Visits of those that take long; of the others 5."""
MOST_REPEATS = 5
ZOOM_STEPS = 3
WHEEL_TURNS = 8
TURN_PAUSE_MS = 30
OPEN_MS = 120_000
HEIGHT, BAR_PIXELS = 440, 20
SIZE = {"width": 1280, "height": 900}

FRAME = "const frame = () => new Promise((done) => requestAnimationFrame(done));"
OPENED = f"""async () => {{
  {FRAME}
  const drawn = () => window.Bokeh
    ? Bokeh.documents.length && Bokeh.documents[0].is_idle
      && (!document.getElementById("theme") || document.documentElement.dataset.ready)
    : document.querySelector(".js-plotly-plot")?._fullLayout;
  while (!drawn()) await frame();
  await frame(); await frame();
  return performance.now();
}}"""
ZOOMED = f"""async (steps) => {{
  {FRAME}
  const times = [];
  for (let step = 1; step <= steps; step++) {{
    const [start, end] = [10 * step, 250 - 10 * step];
    const began = performance.now();
    if (window.Bokeh) {{
      const charts = Bokeh.documents[0];
      (charts.get_model_by_name("time") ?? charts.roots()[0].x_range).setv({{ start, end }});
    }} else {{
      const chart = document.querySelector(".js-plotly-plot");
      await Plotly.relayout(chart, {{ "xaxis.range": [start, end] }});
    }}
    await frame(); await frame();
    times.push(performance.now() - began);
  }}
  return times;
}}"""
WATCH = f"""() => {{
  {FRAME}
  window.frames_ms = [];
  let last = performance.now();
  (async () => {{
    for (;;) {{
      await frame();
      const now = performance.now();
      window.frames_ms.push(now - last);
      last = now;
    }}
  }})();
}}"""
# Where the middle of the chart of slots is, be it the page's or alone.
MIDDLE = """() => {
  const chart = document.querySelector(".chart, .js-plotly-plot, [data-root-id]");
  const box = chart.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
}"""


def by_bokeh(trace: Trace, backend: str) -> str:
    """The timeline alone, as the report has it."""
    chart = figure(
        width=SIZE["width"],
        height=HEIGHT,
        output_backend=backend,
        tools="xpan,xwheel_zoom,hover",
        active_scroll="xwheel_zoom",
        tooltips=[("test", "@name")],
        lod_threshold=5000,
    )
    chart.hbar(
        y="slot",
        left="since_s",
        right="until_s",
        height="height",
        source=source_of(trace, words_of([trace]), 0),
        line_color=None,
        fill_color={
            "field": "by_module",
            "transform": LinearColorMapper(palette=LIGHT, low=-0.5, high=SHADES - 0.5),
        },
    )
    return file_html(chart, INLINE, "timeline")


def by_plotly(trace: Trace, kind: str) -> str:
    """The same, a trace for each shade."""
    columns = columns_of(trace, words_of([trace]))
    since_s, until_s, slot, shade, name = (
        np.asarray(columns[column])
        for column in ("since_s", "until_s", "slot", "by_module", "name")
    )
    chart = plotly.Figure()
    for number, colour in enumerate(LIGHT):
        rows = shade == number
        if kind == "bars":
            chart.add_bar(
                base=since_s[rows],
                x=(until_s - since_s)[rows],
                y=slot[rows],
                width=0.8,
                orientation="h",
                marker={"color": colour, "line": {"width": 0}},
                hovertext=name[rows],
            )
            continue
        # Each test is two points and a gap.
        x = np.full(3 * rows.sum(), np.nan)
        x[0::3], x[1::3] = since_s[rows], until_s[rows]
        chart.add_scattergl(
            x=x,
            y=np.repeat(slot[rows], 3),
            text=np.repeat(name[rows], 3),
            mode="lines",
            line={"color": colour, "width": BAR_PIXELS},
        )
    chart.update_layout(
        width=SIZE["width"], height=HEIGHT, barmode="overlay", hovermode="closest", dragmode="pan"
    )
    return chart.to_html(include_plotlyjs=True, config={"scrollZoom": True})


def measure(browser: Browser, file: Path) -> dict[str, float]:
    """One visit to a page."""
    page: Page = browser.new_page(viewport=SIZE)
    page.set_default_timeout(OPEN_MS)
    page.goto(file.as_uri())
    opened_ms = page.evaluate(OPENED)
    zoomed_ms = page.evaluate(ZOOMED, ZOOM_STEPS)
    page.mouse.move(*page.evaluate(MIDDLE))
    page.evaluate(WATCH)
    for _ in range(WHEEL_TURNS):
        page.mouse.wheel(0, -60)
        page.wait_for_timeout(TURN_PAUSE_MS)
    frames_ms = page.evaluate("() => window.frames_ms")
    page.close()
    return {
        "open s": opened_ms / 1e3,
        "frame ms": statistics.median(frames_ms),
        "longest ms": max(frames_ms),
        "step ms": statistics.median(zoomed_ms),
    }


def bench() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        recorded = Path(folder, "large.trace")
        large_trace.write(recorded)
        trace = read(recorded)
        made: dict[str, Callable[[], str]] = {
            "Bokeh, canvas": lambda: by_bokeh(trace, "canvas"),
            "Bokeh, WebGL": lambda: by_bokeh(trace, "webgl"),
            "Plotly, bars": lambda: by_plotly(trace, "bars"),
            "Plotly, WebGL lines": lambda: by_plotly(trace, "lines"),
        }
        files = {}
        for number, (name, make) in enumerate(made.items()):
            files[name] = Path(folder, f"{number}.html")
            files[name].write_text(make(), encoding="utf-8")
        files["the report"] = Path(folder, "report.html")
        began_s = time.perf_counter()
        main(["report", str(recorded), "-o", str(files["the report"])])
        print(f"markersteal report took {time.perf_counter() - began_s:.1f} s")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        print(f"Chromium {browser.version}")
        found: dict[str, list[dict[str, float]]] = defaultdict(list)
        for repeat in range(MOST_REPEATS):
            for name, file in files.items():
                if repeat < REPEATS.get(name, MOST_REPEATS):
                    found[name].append(measure(browser, file))
                    print(f"{name}: {found[name][-1]}", file=sys.stderr)
        browser.close()
        for name, visits in found.items():
            medians = {
                what: statistics.median(visit[what] for visit in visits) for what in visits[0]
            }
            figures = ", ".join(f"{what} {value:.2f}" for what, value in medians.items())
            print(f"{name}: {files[name].stat().st_size / 1e6:.1f} MB, {figures}")


if __name__ == "__main__":
    bench()
