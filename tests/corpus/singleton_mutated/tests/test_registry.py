import pytest
from exporters.registry import REGISTRY, Registry


@pytest.fixture
def registry():
    return Registry({"plain": str})


@pytest.fixture(scope="module")
def shared():
    """A registry of this module; nothing is added to it."""
    return Registry({"plain": str, "short": lambda text: text[:3]})


@pytest.fixture
def quiet():
    """A format for one test, which is taken out."""
    REGISTRY.add("quiet", str.lower)
    yield
    REGISTRY.remove("quiet")


def test_a_format_can_be_added():
    REGISTRY.add("reversed", lambda text: text[::-1])
    assert REGISTRY.export("reversed", "abc") == "cba"


@pytest.mark.parametrize(("name", "text"), [("plain", "Hello"), ("loud", "HELLO")])
def test_formats_of_the_application(name, text):
    assert REGISTRY.export(name, "Hello") == text


def test_a_format_for_a_while(quiet):
    assert REGISTRY.export("quiet", "Hello") == "hello"


@pytest.mark.parametrize(("name", "text"), [("plain", "Hello"), ("short", "Hel")])
def test_a_registry_for_reading(name, text, shared):
    assert shared.export(name, "Hello") == text


def test_a_name_is_taken_once(registry):
    with pytest.raises(ValueError, match="already"):
        registry.add("plain", str)


def test_a_removed_format_is_gone(registry):
    registry.remove("plain")
    assert registry.formats == {}


def test_a_patched_registry(monkeypatch):
    monkeypatch.setitem(REGISTRY.formats, "other", str.title)
    assert REGISTRY.export("other", "a b") == "A B"
