import pytest
from pricing.labels import label, sold_in


def test_a_label_has_the_default_currency():
    assert label(1250) == "12.50 EUR"


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0.00 CHF"), (5, "0.05 CHF"), (100, "1.00 CHF"), (99999, "999.99 CHF")]
)
def test_cents_have_two_digits(cents, text):
    assert label(cents, "CHF") == text


def test_the_currency_of_the_day(monkeypatch):
    monkeypatch.setenv("SHOP_CURRENCY", "SEK")
    assert label(100) == "1.00 SEK"


@pytest.mark.parametrize("country", ["de", "fr"])
def test_sold_where_it_is_listed(country, monkeypatch):
    monkeypatch.setenv("SHOP_COUNTRIES", "de,fr")
    assert sold_in(country)
    assert not sold_in("us")
