import pytest
from invoices.places import available, kept
from invoices.printing import invoice


def test_an_invoice_in_the_locale_of_the_customer():
    assert invoice([("lamp", 2900)], available()).startswith("lamp: 29")


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_a_line_for_each_article(count):
    assert len(invoice([("lamp", 2900)] * count).splitlines()) == count


def test_an_invoice_that_gives_the_locale_back():
    with kept():
        assert "desk" in invoice([("desk", 19900)], available())


def test_two_articles():
    text = invoice([("lamp", 2900), ("desk", 19900)])
    assert text.index("lamp") < text.index("desk")
