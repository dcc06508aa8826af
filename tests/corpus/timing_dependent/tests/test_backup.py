from datetime import datetime

import pytest
from backups.backup import back_up, stamp

NOON = datetime(2026, 5, 4, 12, 0, 0)


def test_a_backup_has_the_time_in_its_name(folder, tmp_path):
    expected = stamp()
    assert back_up(folder, tmp_path).name == expected


def test_a_backup_at_noon(folder, tmp_path):
    assert back_up(folder, tmp_path, 0, NOON).name == "20260504-120000"


@pytest.mark.parametrize("count", [0, 1, 5])
def test_every_file_is_copied(count, folder, tmp_path):
    for number in range(count):
        (folder / f"{number}.txt").touch()
    assert len([*back_up(folder, tmp_path, 0).iterdir()]) == count + 1


def test_the_text_is_the_same(folder, tmp_path):
    assert (back_up(folder, tmp_path, 0) / "notes.txt").read_text() == "remember"


def test_one_backup_a_second(folder, tmp_path):
    back_up(folder, tmp_path, 0, NOON)
    with pytest.raises(FileExistsError):
        back_up(folder, tmp_path, 0, NOON)


def test_a_stamp_has_fifteen_letters():
    assert len(stamp()) == 15
