"""``python -m pytest_markersteal.cli``, where the script ``markersteal`` is not on the path."""

from __future__ import annotations

import sys

from pytest_markersteal.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
