"""The page of ``markersteal report`` in a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab_traces import HOSTILE, hostile_run, usual_run
from playwright.sync_api import Browser, Page, sync_playwright

from pytest_markersteal.cli.main import main

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
READY_MS = 30_000
"""How long the page may take to be there on a busy machine; it takes a second."""

pytestmark = [
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        CHROMIUM is None and "CI" not in os.environ,
        reason="there is no chromium: install it with 'make browser' as root, or with apt",
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all tests."""
    assert CHROMIUM is not None, "where CI is set, chromium must be there: make browser"
    with sync_playwright() as playwright:
        # Without a sandbox, because CI is root; the pages are the project's own.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Makes a report of traces and opens it; in the end, nothing may have gone wrong in there."""
    trouble: list[str] = []
    pages: list[Page] = []

    def open_page(*traces: Path, colours: str = "light") -> Page:
        file = tmp_path / "report.html"
        chosen = ["--compare", *map(str, traces)] if len(traces) > 1 else [str(traces[0])]
        assert main(["report", *chosen, "-o", str(file)]) == 0
        page = browser.new_page(color_scheme=colours)
        pages.append(page)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
        page.on(
            "request",
            lambda asked: (
                None
                if asked.url in (file.as_uri(), "data:,")
                else trouble.append(f"asked for {asked.url}")
            ),
        )
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-ready=yes]", timeout=READY_MS)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not trouble


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Of a run with some of everything."""
    return usual_run(tmp_path / "usual.trace")


def time_shown(page: Page) -> float:
    """How many seconds the timeline shows."""
    shown: float = page.evaluate(
        "() => { const time = Bokeh.documents[0].get_model_by_name('time');"
        " return time.end - time.start; }"
    )
    return shown


def drawn_by(page: Page) -> str:
    """The column that the colours of the bars come from."""
    field: str = page.evaluate(
        "() => Bokeh.documents[0].get_model_by_name('bars-0').glyph.fill_color.field"
    )
    return field


def said_of_the_found_test(page: Page) -> str:
    """What is told when one points at the first test that a search has found."""
    page.locator(".chart.time").first.scroll_into_view_if_needed()
    spot = page.evaluate(
        """() => {
          const chart = Bokeh.documents[0].get_model_by_name('timeline-0');
          const { el, frame } = Bokeh.index.get_by_id(chart.id);
          const { data, selected } = Bokeh.documents[0].get_model_by_name('tests-0');
          const row = selected.indices[0];
          const middle = (data.since_s[row] + data.until_s[row]) / 2;
          const slot = data.slot[row];
          const { left, top } = el.getBoundingClientRect();
          return { x: left + frame.x_scale.compute(middle), y: top + frame.y_scale.compute(slot) };
        }"""
    )
    page.mouse.move(spot["x"], spot["y"], steps=3)
    tooltip = page.locator(".bk-tooltip-content").filter(has_text="outcome")
    tooltip.wait_for(timeout=READY_MS)
    return tooltip.inner_text()


def test_all_charts_and_tables_are_there(opened: Callable[..., Page], trace: Path) -> None:
    """Drawn, without an error on the console, and without asking any network for anything."""
    page = opened(trace)
    names = page.evaluate("() => Bokeh.documents[0].roots().map((chart) => chart.name)")
    assert sorted(names) == ["curve-0", "estimates-0", "keys-0", "timeline-0", "utilisation-0"]
    for chart in page.locator(".chart").all():
        box = chart.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) > 50
    assert page.locator("caption").all_text_contents()[0] == "The run"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").count() == 1


def test_search_finds_a_test(opened: Callable[..., Page], trace: Path) -> None:
    """Others are dimmed; choosing it tells about it, and shows the time when it ran."""
    page = opened(trace)
    whole_s = time_shown(page)
    page.get_by_label("Search").fill("B.PY::TEST_1")
    page.get_by_text("1 found").wait_for()
    selected = page.evaluate(
        "() => Bokeh.documents[0].get_model_by_name('tests-0').selected.indices.length"
    )
    assert selected == 1
    page.get_by_role("button", name="tests/b.py::test_1").click()
    assert "tests/b.py::test_1: failed" in page.get_by_role("status").inner_text()
    assert time_shown(page) < whole_s
    page.get_by_label("Search").fill("no such test")
    page.get_by_text("0 found").wait_for()


def test_colours_follow_the_choice(opened: Callable[..., Page], trace: Path) -> None:
    """By module, outcome or claim; the legend names what is there."""
    page = opened(trace)
    assert drawn_by(page) == "by_module"
    for choice, named in (("outcome", "failed"), ("claim", "db"), ("module", "tests/a.py")):
        page.get_by_label("Colour by").select_option(choice)
        assert drawn_by(page) == f"by_{choice}"
        assert named in page.locator("#legend").inner_text()


def test_dark_follows_the_system_and_the_button(opened: Callable[..., Page], trace: Path) -> None:
    """The page and the charts."""
    page = opened(trace, colours="dark")

    def background() -> tuple[str, str]:
        chart: str = page.evaluate("() => Bokeh.documents[0].roots()[0].background_fill_color")
        body: str = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        return chart, body

    assert background() == ("#161616", "rgb(22, 22, 22)")
    page.get_by_role("button", name="Dark").click()
    assert background() == ("#ffffff", "rgb(255, 255, 255)")


def test_the_keyboard_is_enough(opened: Callable[..., Page], trace: Path) -> None:
    """Tab reaches every control and each chart over time, and there keys zoom and move."""
    page = opened(trace)
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("() => document.activeElement.id || document.activeElement.className")
        )
    controls = ["colour-by", "search", "zoom-in", "zoom-out", "earlier", "later", "whole", "theme"]
    assert [one for one in reached if one in controls] == controls
    assert "chart time" in reached
    page.locator(".chart.time").first.focus()
    whole_s = time_shown(page)
    page.keyboard.press("+")
    assert time_shown(page) == pytest.approx(0.6 * whole_s)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("0")
    assert time_shown(page) == pytest.approx(whole_s)


def test_pointing_at_a_test_tells_about_it(opened: Callable[..., Page], trace: Path) -> None:
    """Its name, file, outcome, times, worker and claims."""
    page = opened(trace)
    page.get_by_label("Search").fill("c.py::test_0")
    page.get_by_text("1 found").wait_for()
    said = said_of_the_found_test(page)
    for part in ("test_0", "tests/c.py", "passed", "1.000 s, predicted 1.100 s", "gw0", "db"):
        assert part in said


def test_two_runs_share_one_time_axis(
    opened: Callable[..., Page], trace: Path, tmp_path: Path
) -> None:
    """Zooming one zooms the other; what differs most is in a table."""
    other = usual_run(tmp_path / "other.trace", slower=2.0)
    page = opened(trace, other)
    page.get_by_role("button", name="Zoom in").click()
    ranges = page.evaluate(
        "() => [0, 1].map((n) => Bokeh.documents[0].get_model_by_name(`timeline-${n}`).x_range.end)"
    )
    assert ranges[0] == ranges[1]
    assert "What differs most" in page.locator("caption").all_text_contents()


def test_hostile_names_are_text(opened: Callable[..., Page], tmp_path: Path) -> None:
    """Wherever on the page they are shown, they run nothing."""
    page = opened(hostile_run(tmp_path / "hostile.trace"))
    page.get_by_label("Search").fill("hacked")
    page.get_by_text("1 found").wait_for()
    assert HOSTILE in said_of_the_found_test(page)
    page.locator("#matches button").click()
    page.get_by_label("Colour by").select_option("claim")
    assert page.evaluate("() => typeof window.hacked") == "undefined"
