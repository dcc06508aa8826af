import pytest
from thumbs import album
from thumbs.album import make, thumb, upload
from thumbs.scratch import clean


def test_an_album_has_its_thumbs():
    folder = make({"beach": b"1234", "hill": b"5678"})
    assert upload(folder) == ["beach", "hill"]
    clean()


@pytest.mark.parametrize("length", [0, 1, 2, 9, 10])
def test_a_thumb_is_half_as_long(length):
    assert len(thumb(bytes(length))) == (length + 1) // 2


def test_uploading_takes_all(tmp_path, monkeypatch):
    monkeypatch.setattr(album, "UPLOAD_S", 0.0)
    assert upload(make({"b": b"1", "a": b"2"}, tmp_path / "thumbs")) == ["a", "b"]


def test_the_same_picture_twice(tmp_path):
    make({"a": b"1"}, tmp_path)
    make({"a": b"23"}, tmp_path)
    assert (tmp_path / "a.thumb").read_bytes() == b"2"
