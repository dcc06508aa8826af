import os
import subprocess
import sys

import pytest
from pricing.settings import countries, currency


@pytest.fixture(scope="module")
def old_country():
    """A variable that is given back."""
    os.environ["SHOP_OLD_COUNTRY"] = "gb"
    yield "gb"
    del os.environ["SHOP_OLD_COUNTRY"]


def test_the_currency_can_be_set():
    os.environ["SHOP_CURRENCY"] = "USD"
    assert currency() == "USD"


def test_the_currency_can_be_patched(monkeypatch):
    monkeypatch.setenv("SHOP_CURRENCY", "NOK")
    assert currency() == "NOK"


@pytest.mark.parametrize(("text", "expected"), [("", []), ("de", ["de"]), ("de,,fr", ["de", "fr"])])
def test_countries_are_separated_by_commas(text, expected, monkeypatch):
    monkeypatch.setenv("SHOP_COUNTRIES", text)
    assert countries() == expected


def test_without_countries(monkeypatch):
    monkeypatch.delenv("SHOP_COUNTRIES", raising=False)
    assert countries() == []


def test_the_old_country_is_there(old_country):
    assert os.environ["SHOP_OLD_COUNTRY"] == old_country


def test_a_child_has_its_own_variables():
    code = "import os; print(os.environ['SHOP_CHILD'])"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={**os.environ, "SHOP_CHILD": "yes"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "yes"
