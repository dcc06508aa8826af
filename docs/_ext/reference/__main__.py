"""Renews the parts of the reference that are read from the code: ``make reference``."""

from __future__ import annotations

from reference import stale

for path, text in stale():
    path.write_text(text, encoding="utf-8")
    print(f"renewed docs/reference/{path.name}")
