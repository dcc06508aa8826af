"""The page of an audit: one HTML file that asks nobody for anything."""

from __future__ import annotations

from importlib.resources import files

from markupsafe import Markup

import pytest_markersteal
from pytest_markersteal.races.audit.model import Audit
from pytest_markersteal.report.audit.tables import tables
from pytest_markersteal.report.page.templates import environment, text

_TEMPLATE = files("pytest_markersteal.report.audit").joinpath("page.html")


def page(title: str, audit: Audit) -> str:
    """The HTML of ``audit``."""
    template = environment().from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        title=title,
        version=pytest_markersteal.__version__,
        style=Markup(text("page.css")),
        tables=tables(audit),
    )
