import pytest
from syrupy.extensions.json import JSONSnapshotExtension
from syrupy.extensions.single_file import SingleFileSnapshotExtension


@pytest.mark.parametrize("number", range(8))
def test_number(snapshot, number):
    assert {"number": number, "squares": [n * n for n in range(number)]} == snapshot


@pytest.mark.serial
def test_json(snapshot):
    assert snapshot(extension_class=JSONSnapshotExtension) == {"a": [1, 2]}


@pytest.mark.shared_resource("key")
@pytest.mark.parametrize("name", ["x", "y"])
def test_file(snapshot, name):
    assert name.encode() == snapshot(extension_class=SingleFileSnapshotExtension)


def test_named(snapshot):
    assert snapshot(name="first") == "one"
    assert snapshot(name="second") == "two"
