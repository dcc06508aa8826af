"""Bars as SVG, readable on light and on dark ground: nothing that needs a library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH = 760
_LABELS = 210
_VALUES = 70
_ROW = 20
_HEAD = 30
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.ground { fill: #ffffff } .title { font-weight: 600 } .value { text-anchor: end }
.bar { fill: #afb8c1 } .own { fill: #0969da }
.line { stroke: #656d76 } .range { stroke: #1f2328; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .ground { fill: #0d1117 } .bar { fill: #545d68 } .own { fill: #4493f8 }
  .line { stroke: #8d96a0 } .range { stroke: #e6edf3 }
}
"""


@dataclass(frozen=True)
class Bar:
    """A median and its range; ``own`` bars stand out."""

    label: str
    low: float
    median: float
    high: float
    own: bool = False


@dataclass(frozen=True)
class Group:
    """Bars under one title, which are compared with each other."""

    title: str
    bars: Sequence[Bar]


def draw(title: str, groups: Sequence[Group], unit: str, mark: float | None = None) -> str:
    """An SVG picture of ``groups``, one below the other, with a line at ``mark``."""
    largest = max(bar.high for group in groups for bar in group.bars)
    scale = (_WIDTH - _LABELS - _VALUES) / largest
    rows = [f'<text class="title" x="10" y="20">{escape(title)}</text>']
    y = _HEAD
    for group in groups:
        y += _HEAD
        rows.append(f'<text class="title" x="10" y="{y - 8}">{escape(group.title)}</text>')
        top = y
        for bar in group.bars:
            rows += _row(bar, y, scale, unit)
            y += _ROW
        if mark is not None:
            x = _LABELS + mark * scale
            rows.append(
                f'<line class="line" stroke-dasharray="3 3" x1="{x:.1f}" y1="{top - 2}" '
                f'x2="{x:.1f}" y2="{y}"/>'
            )
    height = y + 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" role="img" aria-label="{escape(title)}">\n'
        f"<style>{_STYLE}</style>\n"
        f'<rect class="ground" width="{_WIDTH}" height="{height}"/>\n' + "\n".join(rows) + "\n"
        "</svg>\n"
    )


def _row(bar: Bar, y: int, scale: float, unit: str) -> list[str]:
    middle = y + 7
    low, high = _LABELS + bar.low * scale, _LABELS + bar.high * scale
    return [
        f'<text x="10" y="{y + 11}">{escape(bar.label)}</text>',
        f'<rect class="{"own" if bar.own else "bar"}" x="{_LABELS}" y="{y}" '
        f'width="{bar.median * scale:.1f}" height="14"/>',
        f'<line class="range" x1="{low:.1f}" y1="{middle}" x2="{high:.1f}" y2="{middle}"/>',
        f'<text class="value" x="{_WIDTH - 10}" y="{y + 11}">{bar.median:.2f}{unit}</text>',
    ]
