"""How the site is built: ``make docs``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest_markersteal

sys.path.insert(0, str(Path(__file__).with_name("_ext")))

project = "pytest-markersteal"
author = "the pytest-markersteal authors"
release = version = pytest_markersteal.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "reference"]
exclude_patterns = ["_build", "_ext"]

html_theme = "furo"
html_title = f"{project} {release}"
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False

# Links to headings are those of a code host: the pages are to be read there too.
myst_heading_anchors = 4
# Much of what is in quotes is there to be copied.
smartquotes = False

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
