import tempfile
from pathlib import Path

from thumbs.album import make, upload
from thumbs.scratch import clean, default_scratch


def test_nothing_stays_behind():
    folder = make({"cat": b"meow"})
    assert upload(folder) == ["cat"]
    clean()
    assert not folder.exists()


def test_cleaning_what_is_not_there(tmp_path):
    clean(tmp_path / "never made")


def test_cleaning_takes_all(tmp_path):
    clean(make({"a": b"1", "b": b"2"}, tmp_path / "thumbs"))
    assert not list(tmp_path.iterdir())


def test_the_default_is_a_temporary_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert default_scratch() == tmp_path / "thumbs"


def test_a_folder_of_its_own():
    with tempfile.TemporaryDirectory(prefix="thumbs-") as folder:
        make({"a": b"1"}, Path(folder))
        assert [path.name for path in Path(folder).iterdir()] == ["a.thumb"]


def test_a_file_of_its_own():
    with tempfile.NamedTemporaryFile(suffix=".thumb") as file:
        file.write(b"13")
        file.flush()
        assert Path(file.name).name.endswith(".thumb")
