"""Timelines as SVG, readable on light and on dark ground: what each worker ran, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH = 760
_LABELS = 60
_RIGHT = 30
_ROW = 24
_BAR = 18
_HEAD = 34
_FOOT = 34
_TEXT_FITS = 7.0
"""Pixels of a bar for each letter in it."""
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.ground { fill: #ffffff } .title { font-weight: 600 } .in { font-size: 11px }
.bar { stroke: #ffffff; stroke-width: 1 }
.plain { fill: #b6d4fe } .marked { fill: #f7b955 } .alone { fill: #e5989b } .held { fill: #ffffff;
stroke: #656d76; stroke-dasharray: 3 2 }
.line { stroke: #656d76 } .floor { stroke: #cf222e; stroke-width: 1.5; stroke-dasharray: 5 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .in { fill: #1f2328 }
  .ground { fill: #0d1117 } .bar { stroke: #0d1117 } .held { fill: #0d1117; stroke: #8d96a0 }
  .plain { fill: #4493f8 } .marked { fill: #d29922 } .alone { fill: #db7a80 }
  .line { stroke: #8d96a0 } .held + .in { fill: #e6edf3 }
}
"""


@dataclass(frozen=True)
class Span:
    """A test on a worker; ``kind`` is "plain", "marked", "alone", or "held" (not running yet)."""

    worker: int
    since_s: float
    until_s: float
    label: str
    kind: str = "plain"


@dataclass(frozen=True)
class Timeline:
    """One run; ``floor_s`` is drawn as a line where it is known."""

    title: str
    workers: int
    spans: Sequence[Span]
    floor_s: float | None = None

    @property
    def end_s(self) -> float:
        """When the last test ended."""
        return max(span.until_s for span in self.spans)


def draw(title: str, timelines: Sequence[Timeline]) -> str:
    """An SVG picture of ``timelines``, one below the other, with one scale of time."""
    scale = (_WIDTH - _LABELS - _RIGHT) / max(timeline.end_s for timeline in timelines)
    rows: list[str] = []
    y = 0
    for timeline in timelines:
        y += _HEAD
        rows += _timeline(timeline, y, scale)
        y += timeline.workers * _ROW + _FOOT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" '
        f'width="{_WIDTH}" height="{y}" role="img" aria-label="{escape(title)}">\n'
        f"<style>{_STYLE}</style>\n"
        f'<rect class="ground" width="{_WIDTH}" height="{y}"/>\n' + "\n".join(rows) + "\n</svg>\n"
    )


def _timeline(timeline: Timeline, top: int, scale: float) -> list[str]:
    bottom = top + timeline.workers * _ROW
    rows = [f'<text class="title" x="10" y="{top - 10}">{escape(timeline.title)}</text>']
    rows += [
        f'<text x="10" y="{top + worker * _ROW + 13}">gw{worker}</text>'
        for worker in range(timeline.workers)
    ]
    for span in timeline.spans:
        rows += _span(span, top, scale)
    end = _LABELS + timeline.end_s * scale
    rows.append(f'<line class="line" x1="{_LABELS}" y1="{bottom}" x2="{end:.1f}" y2="{bottom}"/>')
    rows.append(
        f'<text text-anchor="end" x="{end:.1f}" y="{bottom + 16}">{timeline.end_s:.2f} s</text>'
    )
    if timeline.floor_s is not None:
        x = _LABELS + timeline.floor_s * scale
        rows.append(
            f'<line class="floor" x1="{x:.1f}" y1="{top - 4}" x2="{x:.1f}" y2="{bottom + 4}"/>'
        )
    return rows


def _span(span: Span, top: int, scale: float) -> list[str]:
    x, y = _LABELS + span.since_s * scale, top + span.worker * _ROW
    width = (span.until_s - span.since_s) * scale
    shape = f'class="bar {span.kind}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}"'
    rows = [f"<rect {shape}><title>{escape(span.label)}</title></rect>"]
    if len(span.label) * _TEXT_FITS < width:
        rows.append(f'<text class="in" x="{x + 4:.1f}" y="{y + 13}">{escape(span.label)}</text>')
    return rows
