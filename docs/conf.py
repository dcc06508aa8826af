"""How the site is built: ``make docs``."""

from __future__ import annotations

import pytest_markersteal

project = "pytest-markersteal"
author = "the pytest-markersteal authors"
release = version = pytest_markersteal.__version__

extensions = ["myst_parser"]
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
