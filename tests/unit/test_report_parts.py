"""The parts of the page: what is drawn, without a browser."""

from __future__ import annotations

import numpy as np
import pytest
from builders import ALONE, SERIAL, group, host_key, key
from traces import Ran, trace_of

from pytest_markersteal.core.suite import Claim, Demand, Mode
from pytest_markersteal.report.findings import Findings, findings, worker_counts
from pytest_markersteal.report.page import columns
from pytest_markersteal.report.page.assembly import page
from pytest_markersteal.report.page.bands import MOST_KEYS, key_bands
from pytest_markersteal.report.page.colours import DARK, LIGHT
from pytest_markersteal.report.page.estimates import MOST_POINTS, predicted_and_actual
from pytest_markersteal.report.page.over_time import merged, time_range
from pytest_markersteal.report.page.tables import differences_table, facts, gap_table
from pytest_markersteal.report.page.timeline import no_parallel_spans, source_of, timeline
from pytest_markersteal.report.page.utilisation import BUSY, slots_by_state
from pytest_markersteal.trace.model import Span, WorkerRun

PAGES = {"light": ("#ffffff", LIGHT), "dark": ("#161616", DARK)}
LEAST_STEP = 0.012
"""Of luminance, between two shades: they can be told apart side by side."""
LEAST_CONTRAST = 1.5


def found(*ran: Ran) -> Findings:
    return findings("a", trace_of(*ran))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it, 0 to 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", PAGES)
def test_shades_differ_in_lightness(theme: str) -> None:
    """From each other, and from the page, so that they do in greyscale too."""
    background, shades = PAGES[theme]
    light = sorted(map(luminance, shades))
    assert min(np.diff(light)) > LEAST_STEP
    for shade in light:
        darker, lighter = sorted((shade, luminance(background)))
        assert (lighter + 0.05) / (darker + 0.05) > LEAST_CONTRAST


@pytest.mark.parametrize("tests", [1, 9, 10, 11, 57])
def test_each_test_is_drawn_once(tests: int) -> None:
    """And the rows that are drawn while one zooms are those of the longest tests."""
    ran = [Ran(0, at, at + (1 + at * 7 % tests) / tests) for at in range(1, 1 + tests)]
    trace = trace_of(*ran)
    drawn = columns.columns_of(trace, columns.words_of([trace]))
    assert len(set(drawn["name"])) == len(drawn["name"]) == tests
    lasted = np.asarray(drawn["until_s"]) - np.asarray(drawn["since_s"])
    sketched = lasted[:: columns.SKETCH]
    assert max(lasted) == sketched[0]
    assert sorted(sketched, reverse=True) == list(sketched)


@pytest.mark.parametrize(
    ("demand", "label"),
    [
        (Demand(), "none"),
        (key("db"), "db"),
        (key("db", Mode.READ), "db (read)"),
        (key("db", units=2), "db (2 units)"),
        (host_key("port", Mode.READ), "port (read) (per host)"),
        (SERIAL, "serial"),
        (ALONE, "no_parallel"),
        (group("x"), "group x"),
        (Demand((Claim("a"), Claim("b")), serial=True), "a, b, serial"),
    ],
)
def test_what_a_test_claims_is_in_words(demand: Demand, label: str) -> None:
    """As one reads it when pointing at the test."""
    assert columns.claim_label(demand) == label


def test_two_runs_have_the_same_colours() -> None:
    """A module and a claim are in the same shade whatever else ran."""
    first = trace_of(
        Ran(0, 1, 2, name="a.py::test"), Ran(0, 2, 3, key("db"), name="b.py::test"), workers=1
    )
    second = trace_of(Ran(0, 1, 2, key("db"), name="b.py::test"), workers=1)
    words = columns.words_of([first, second])
    before, after = (columns.columns_of(trace, words) for trace in (first, second))
    row = list(before["module"]).index(after["module"][0])
    for shade in ("by_module", "by_claim"):
        assert before[shade][row] == after[shade][0]


def test_slots_are_busy_or_idle() -> None:
    """In every step of time, all slots together are in one of the states."""
    run = found(Ran(0, 1.0, 4.0), Ran(1, 1.5, 2.0), Ran(1, 2.0, 3.0, key(), waits=(Span(2.5, 3),)))
    edges_s, slots = slots_by_state(run)
    step_s = edges_s[1] - edges_s[0]
    total_s = sum(state.sum() for state in slots.values()) * step_s
    assert total_s == pytest.approx(2 * 4.0)
    assert slots[BUSY].max() == pytest.approx(2)
    assert slots[BUSY][0] == 0


def test_every_slot_has_a_row() -> None:
    """Also one between others on which no worker ever came to be."""
    workers = [WorkerRun(n, f"gw{n}", slot, 0, 0, 0, 1, 2) for n, slot in enumerate((0, 2))]
    trace = trace_of(Ran(0, 1, 2), Ran(1, 1, 2), workers=workers)
    run = findings("a", trace)
    source = source_of(trace, columns.words_of([trace]), 0)
    chart = timeline(run, source, time_range([run]), 0)
    assert chart.y_range.start > 2
    assert chart.yaxis.major_label_overrides == {0: "gw0", 1: "", 2: "gw1"}


def test_spans_are_merged_across_small_gaps() -> None:
    """Whatever their order; a gap of the least length stays."""
    spans = [Span(3, 4), Span(0, 2), Span(1, 1.5), Span(4.1, 5), Span(6, 7)]
    assert merged(spans, 1) == [Span(0, 2), Span(3, 5), Span(6, 7)]


def test_the_no_parallel_phase_is_found() -> None:
    """From the first of its tests to the last."""
    run = found(Ran(0, 1, 2, ALONE), Ran(0, 2, 3, ALONE), Ran(0, 3, 9), Ran(1, 3, 9))
    assert no_parallel_spans(run) == [Span(1, 3)]


def test_keys_that_were_used_longest_are_shown() -> None:
    """And the title counts the others; without keys there is no chart."""
    assert key_bands(found(Ran(0, 1, 2)), time_range([found(Ran(0, 1, 2))]), 0) is None
    run = found(*(Ran(0, at, at + 1 + at / 99, key(f"k{at}")) for at in range(1, MOST_KEYS + 4)))
    chart = key_bands(run, time_range([run]), 0)
    assert chart is not None
    assert chart.title.text == "a: keys in use (and 3 more that were so for less time)"
    assert len(chart.yaxis.ticker.ticks) == MOST_KEYS


def test_predictions_are_drawn_where_there_are_any() -> None:
    """Without any there is no chart; of very many, a sample with those that are furthest off."""
    trace = trace_of(Ran(0, 1, 2))
    words = columns.words_of([trace])
    assert predicted_and_actual(source_of(trace, words, 0), 0) is None
    source = source_of(trace, words, 0)
    rows = 3 * MOST_POINTS
    predicted_s = np.ones(rows)
    predicted_s[5] = 1000.0
    source.data = {"predicted_s": predicted_s, "took_s": np.ones(rows)}
    chart = predicted_and_actual(source, 0)
    assert chart is not None
    drawn = chart.renderers[0].view.filter.indices
    assert len(drawn) <= MOST_POINTS
    assert 5 in drawn
    assert f"of {rows:,} tests" in chart.title.text


def test_the_gap_is_listed_by_cause() -> None:
    """The last row is the sum of the others, but for rounding."""
    rows = gap_table(found(Ran(0, 1, 4), Ran(1, 1, 2), Ran(1, 3.5, 5))).rows
    *causes, total = [float(row[1]) for row in rows]
    assert sum(causes) == pytest.approx(total, abs=0.01 * len(rows))


def test_what_differs_most_comes_first() -> None:
    """Another outcome before any other duration; tests of one run only are counted."""
    before = found(Ran(0, 1, 2), Ran(0, 2, 3), Ran(0, 3, 4), Ran(0, 4, 5))
    after = found(Ran(0, 1, 2), Ran(0, 2, 9), Ran(0, 9, 10, outcome="failed"))
    table = differences_table(before, after)
    assert [row[-1] for row in table.rows] == [f"test_it.py::test_{n}" for n in (2, 1, 0)]
    assert "1 test only in the first run, 0 only in the second" in table.note
    assert facts([before, after]).head == ["", "a", "a"]


def test_a_page_of_hostile_names_is_text() -> None:
    """What a node id holds is no HTML of the page, and no end of a script."""
    hostile = "</script><script>hacked = 1</script><b>test_it.py::test[</script><!--&]"
    text = page([found(Ran(0, 1, 2, key("<blink>"), name=hostile))])
    assert "<script>hacked" not in text
    assert "test[</script>" not in text
    assert "<blink>" not in text
    assert "<!--&" not in text


@pytest.mark.parametrize(
    ("slots", "counts"), [(1, [1, 2]), (4, [1, 2, 4, 8]), (6, [1, 2, 4, 6, 8])]
)
def test_the_curve_is_around_the_run(slots: int, counts: list[int]) -> None:
    """From one worker to twice as many, with the number of the run."""
    assert worker_counts(slots) == counts
