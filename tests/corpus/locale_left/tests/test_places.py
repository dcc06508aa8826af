import contextlib
import locale

from invoices import places
from invoices.places import available, kept


def test_some_locale_is_there():
    assert available() in (*places.KNOWN, "C")


def test_asking_changes_nothing():
    before = locale.setlocale(locale.LC_NUMERIC)
    available()
    assert locale.setlocale(locale.LC_NUMERIC) == before


def test_none_of_them(monkeypatch):
    monkeypatch.setattr(places, "KNOWN", ("xx_XX.nothing",))
    assert available() == "C"


def test_it_is_kept_after_an_error():
    before = locale.setlocale(locale.LC_NUMERIC)
    with contextlib.suppress(ZeroDivisionError), kept():
        locale.setlocale(locale.LC_NUMERIC, available())
        _ = 1 / 0
    assert locale.setlocale(locale.LC_NUMERIC) == before
