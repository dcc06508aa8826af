import pytest
from spool import night
from spool.jobs import submit, waiting
from spool.night import most_waiting


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(night, "BETWEEN_S", 0.0)


def test_the_spool_is_empty_at_night():
    assert most_waiting() == 0


@pytest.mark.parametrize("jobs", [0, 1, 3])
def test_jobs_are_counted(jobs, tmp_path, at_once):
    for number in range(jobs):
        submit(f"page {number}", tmp_path)
    assert most_waiting(tmp_path) == jobs


def test_other_files_are_no_jobs(tmp_path, at_once):
    (tmp_path / "README").touch()
    assert most_waiting(tmp_path) == 0


def test_a_spool_that_is_not_there(tmp_path):
    assert waiting(tmp_path / "none") == []
