"""Caches by name: which names stand for one, and what is said of the others."""

from __future__ import annotations

import functools
import importlib
import sys
import textwrap
from pathlib import Path

import pytest

from pytest_markersteal.safety.caches import CacheError, NamedCache

SETTINGS = """
    import functools, itertools

    numbers = itertools.count(1)

    @functools.cache
    def get_settings():
        return next(numbers)

    @functools.lru_cache(maxsize=2)
    def get_flags(user):
        return next(numbers)

    class Rates:
        @functools.lru_cache
        def of(self, currency):
            return next(numbers)

        @classmethod
        @functools.cache
        def default(cls):
            return next(numbers)

        @staticmethod
        @functools.cache
        def base():
            return next(numbers)

    def plain():
        return next(numbers)
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package ``shop_app`` with a module ``settings``, gone after the test."""
    package = tmp_path / "shop_app"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "settings.py").write_text(textwrap.dedent(SETTINGS))
    (package / "broken.py").write_text("import shop_app.nowhere")
    (package / "wrong.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield package
    for name in set(sys.modules) - before:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("get_settings", "get_settings()"),
        ("get_flags", "get_flags('ann')"),
        ("Rates.of", "rates.of('EUR')"),
        ("Rates.default", "Rates.default()"),
        ("Rates.base", "Rates.base()"),
    ],
)
def test_what_has_a_cache_can_be_cleared(shop: Path, name: str, call: str) -> None:
    """Functions with functools.cache or lru_cache, and methods of every kind."""
    cache = NamedCache(f"shop_app.settings:{name}")
    settings = importlib.import_module("shop_app.settings")
    names = {**vars(settings), "rates": settings.Rates()}
    first = eval(call, names)
    assert eval(call, names) == first
    cache.clear()
    assert eval(call, names) != first


def test_what_a_reload_made_is_cleared_too(shop: Path) -> None:
    """As is what it replaced, which other modules may still have."""
    cache = NamedCache("shop_app.settings:get_settings")
    settings = importlib.import_module("shop_app.settings")
    old = settings.get_settings
    importlib.reload(settings)
    old(), settings.get_settings()
    cache.clear()
    assert old.cache_info().currsize == 0
    assert settings.get_settings.cache_info().currsize == 0


def test_what_a_test_took_away_is_no_error(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in without a cache, or no module at all: what was there first is cleared."""
    cache = NamedCache("shop_app.settings:get_settings")
    settings = importlib.import_module("shop_app.settings")
    original = settings.get_settings
    for take_away in (
        lambda: monkeypatch.setattr(settings, "get_settings", lambda: 7),
        lambda: monkeypatch.delattr(settings, "get_settings"),
        lambda: monkeypatch.delitem(sys.modules, "shop_app.settings"),
    ):
        original()
        take_away()
        cache.clear()
        assert original.cache_info().currsize == 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("shop_app.setings:x", "there is no module shop_app.setings; did you mean .*settings?"),
        ("shop_ap.settings:x", "there is no module shop_ap; did you mean shop_app?"),
        ("zzqqxx:x", "there is no module zzqqxx$"),
        (
            "shop_app.broken:x",
            r"importing shop_app.broken failed: ModuleNotFoundError\(.*shop_app.nowhere",
        ),
        ("shop_app.wrong:x", r"importing shop_app.wrong failed: ZeroDivisionError\("),
        (
            "shop_app.settings:get_setting",
            r"shop_app.settings has no get_setting; did you mean get_settings\?",
        ),
        ("shop_app.settings:Rates.off", r"Rates has no off; did you mean of\?"),
        ("shop_app.settings:Rate.of", r"shop_app.settings has no Rate; did you mean Rates\?"),
        ("shop_app.settings:get_settings.x.y", "get_settings has no x$"),
        ("shop_app.settings:plain", r"shop_app.settings:plain has no cache_clear\(\): name a "),
    ],
)
def test_other_names_are_refused(shop: Path, name: str, message: str) -> None:
    """With what is wrong about them, and what was perhaps meant."""
    importlib.import_module("shop_app")
    with pytest.raises(CacheError, match=message):
        NamedCache(name)


def test_a_cache_of_another_kind_will_do(shop: Path) -> None:
    """What counts is that it has cache_clear()."""
    settings = importlib.import_module("shop_app.settings")

    class Memo:
        cleared = 0

        def cache_clear(self) -> None:
            self.cleared += 1

    settings.memo = Memo()
    settings.bound = functools.partial(settings.plain)
    NamedCache("shop_app.settings:memo").clear()
    assert settings.memo.cleared == 1
    with pytest.raises(CacheError, match="has no cache_clear"):
        NamedCache("shop_app.settings:bound")
