"""Text in columns."""

from __future__ import annotations

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: str) -> list[str]:
    """Lines of a table.

    ``left`` has one letter for each column: ``<`` to align it to the left, ``>`` to the right.
    """
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return [
        "  ".join(
            f"{cell:{side}{width}}" for cell, side, width in zip(line, left, widths, strict=True)
        ).rstrip()
        for line in lines
    ]
