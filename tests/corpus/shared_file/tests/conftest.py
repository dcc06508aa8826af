from pathlib import Path

import pytest
from reports.export import load

SALES = Path(__file__).parents[1] / "data" / "sales.csv"


@pytest.fixture(scope="session")
def sales():
    """What the shop sold; all tests read the same file."""
    return load(SALES)
